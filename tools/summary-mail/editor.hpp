// From readings and a subscriber to a mail.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "mail_text.hpp"
#include "net/smtp/message.hpp"
#include "readings.hpp"
#include "subscribers/subscribers.hpp"

namespace weir::summary_mail {

/// Which mail: the day's summary or the greeting.
enum class MailKind : std::uint8_t { daily, welcome };

/// `daily` or `welcome`, as --sent writes it.
std::string_view name_of(MailKind kind);

/// Whether a mail shows the day as a picture.
enum class Charts : std::uint8_t { draw, leave_out };

/// Makes the mails. Knows no clock: the same readings and the same `now` give the same bytes.
class Editor {
 public:
  struct Settings {
    MailKind kind = MailKind::daily;
    smtp::Mailbox from;
    /// A link in which `{email}` stands for the subscriber's address and `{token}` for its token; may be empty.
    std::string unsubscribe;
    std::string unsubscribe_secret;  ///< of the tokens; needed where the link has one
    std::optional<std::chrono::year_month_day> date;
    Charts charts = Charts::draw;
  };

  /// `readings` must outlive the editor and change no more once the first mail has been made.
  Editor(Settings settings, const Readings& readings) : settings_(std::move(settings)), readings_(readings) {}

  /// The day that a subscriber's mail is about: the one asked for, else that of the latest reading in the subscriber's
  /// zone, else that of `now`.
  std::chrono::year_month_day day_for(const Subscriber& subscriber, Time now) const;

  /// The mail; nothing when it is the day's and none of the subscriber's cities has a reading of that day.
  std::optional<smtp::Message> write(const Subscriber& subscriber, Time now);

 private:
  using Section = std::shared_ptr<const CitySection>;
  /// Made once for all subscribers of a zone; a null section says that the city has no readings that day.
  Section section_for(const std::string& city, const Readings::List& list, const Zone& zone,
                      std::chrono::year_month_day date);
  Section make_section(const std::string& city, const Readings::List& list, const Zone& zone,
                       std::chrono::year_month_day date) const;

  Settings settings_;
  const Readings& readings_;
  std::unordered_map<std::string, Section> sections_;
};

/// True for a link to leave the list: https:, mailto:, or http: on this machine itself, and nothing in it that could
/// end a header, an attribute or a line.
bool is_link(std::string_view text);

/// Whether a link has a place for the subscriber's token.
inline bool needs_token(std::string_view link) { return link.find("{token}") != std::string_view::npos; }

/// A link with `{email}` replaced by the address, percent-encoded, and `{token}` by its token (unsubscribe_token).
std::string link_for(std::string_view link, std::string_view email, std::string_view secret);

}  // namespace weir::summary_mail
