// Makes a mail from readings and a subscriber.
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

/// The kind of a mail: the day's summary, the greeting, or the link that confirms a subscription.
enum class MailKind : std::uint8_t { daily, welcome, confirm };

/// `daily`, `welcome` or `confirm`, as --sent writes it.
std::string_view name_of(MailKind kind);

/// Whether a mail has a chart of the day.
enum class Charts : std::uint8_t { draw, leave_out };

/// Makes the mails. It has no clock: the same readings and the same `now` give the same bytes.
class Editor {
 public:
  struct Settings {
    MailKind kind = MailKind::daily;
    smtp::Mailbox from;
    /// A link with places for the subscriber's address (`{email}`) and its token (`{token}`); may be empty.
    std::string unsubscribe;
    std::string unsubscribe_secret;  ///< secret of the tokens; needed where the link has one
    std::string confirm;             ///< link of a mail of that kind
    WhichDay day{};
    Charts charts = Charts::draw;
  };

  /// `readings` must outlive the editor, and stay unchanged once the first mail has been made.
  Editor(Settings settings, const Readings& readings) : settings_(std::move(settings)), readings_(readings) {}

  /// The day of a subscriber's mail; a greeting's is that of `now`.
  std::chrono::year_month_day day_for(const Subscriber& subscriber, Time now) const;

  /// Makes the mail. Nothing for a day's summary when none of the subscriber's cities has a reading of that day.
  std::optional<smtp::Message> write(const Subscriber& subscriber, Time now);

 private:
  using Section = std::shared_ptr<const CitySection>;
  /// The sections of all subscribers of a zone, made once. nullptr: the city has no readings on that day.
  Section section_for(const std::string& city, const Readings::List& list, const Zone& zone,
                      std::chrono::year_month_day date);
  Section make_section(const std::string& city, const Readings::List& list, const Zone& zone,
                       std::chrono::year_month_day date) const;

  Settings settings_;
  const Readings& readings_;
  std::unordered_map<std::string, Section> sections_;
};

/// Checks an unsubscribe link: https:, mailto:, or http: on this machine, and nothing in it that could end a header, an
/// attribute or a line.
bool is_link(std::string_view text);

/// Whether a link has a place for the subscriber's token.
inline bool needs_token(std::string_view link) { return link.find("{token}") != std::string_view::npos; }

/// A link with `{email}` replaced by the address, percent-encoded, and `{token}` by its token (unsubscribe_token).
std::string link_for(std::string_view link, std::string_view email, std::string_view secret);

}  // namespace weir::summary_mail
