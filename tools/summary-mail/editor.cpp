#include "editor.hpp"

#include <fmt/format.h>

#include "day_chart.hpp"
#include "net/host.hpp"
#include "subscribers/link_token.hpp"
#include "time/timestamp.hpp"

namespace weir::summary_mail {
namespace {

/// The limit of cached sections, some 10 KiB each with the chart; beyond it the cache is cleared.
constexpr std::size_t most_sections = 2000;

std::string date_text(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace

std::string_view name_of(MailKind kind) {
  return kind == MailKind::daily ? "daily" : kind == MailKind::welcome ? "welcome" : "confirm";
}

bool is_link(std::string_view text) {
  static constexpr std::string_view plain = "http://";
  const std::string_view authority = text.starts_with(plain)
                                         ? text.substr(plain.size(), text.find('/', plain.size()) - plain.size())
                                         : std::string_view();
  const bool known = text.starts_with("https://") || text.starts_with("mailto:") ||
                     net::is_this_machine(authority.substr(0, authority.rfind(':')));
  return known && text.find_first_of(" <>\"'") == std::string_view::npos && smtp::header_text_problem(text).empty();
}

std::string link_for(std::string_view link, std::string_view email, std::string_view secret) {
  std::string out(link);
  const auto fill = [&](std::string_view mark, const std::string& with) {
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + with.size()))
      out.replace(at, mark.size(), with);
  };
  if (needs_token(link)) fill("{token}", unsubscribe_token(secret, email));
  std::string encoded;
  for (const char c : email) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            std::string_view("-._~").find(c) != std::string_view::npos;
    if (unreserved)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  fill("{email}", encoded);
  return out;
}

std::chrono::year_month_day Editor::day_for(const Subscriber& subscriber, Time now) const {
  return settings_.kind == MailKind::daily ? settings_.day.at(now, subscriber.zone) : date_in(now, subscriber.zone);
}

Editor::Section Editor::make_section(const std::string& city, const Readings::List& list, const Zone& zone,
                                     std::chrono::year_month_day date) const {
  const bool daily = settings_.kind == MailKind::daily;
  auto section = std::make_shared<CitySection>();
  section->day = daily ? summarise_day(city, list, readings_, zone, date) : summarise_current(city, list, readings_);
  if (!has_readings(section->day)) return nullptr;
  if (daily) {
    if (settings_.charts == Charts::draw) section->chart_png = draw_day_chart(section->day);
    if (!section->chart_png.empty())
      section->chart_id = fmt::format("{}@weir", smtp::fingerprint({city, zone.name(), date_text(date)}));
    write_daily_section(*section, zone);
  } else {
    write_current_section(*section, zone);
  }
  return section;
}

Editor::Section Editor::section_for(const std::string& city, const Readings::List& list, const Zone& zone,
                                    std::chrono::year_month_day date) {
  const std::string key = zone.name() + '\n' + city;  // the kind is always the same, and the date follows from the zone
  if (const auto found = sections_.find(key); found != sections_.end()) return found->second;
  if (sections_.size() >= most_sections) sections_.clear();
  return sections_.emplace(key, make_section(city, list, zone, date)).first->second;
}

std::optional<smtp::Message> Editor::write(const Subscriber& subscriber, Time now) {
  MailParts parts;
  const bool confirm = settings_.kind == MailKind::confirm;
  parts.name = subscriber.name;
  parts.date = day_for(subscriber, now);
  parts.zone = subscriber.zone;
  if (!settings_.unsubscribe.empty() && !confirm)
    parts.unsubscribe = link_for(settings_.unsubscribe, subscriber.email, settings_.unsubscribe_secret);
  const auto add = [&](const std::string& city, const Readings::List& list) {
    Section section = section_for(city, list, parts.zone, parts.date);
    if (!section) return false;
    parts.sections.push_back(std::move(section));
    return true;
  };
  if (subscriber.cities.empty()) {
    for (const auto& [city, list] : readings_.cities())
      if (!confirm) add(city, list);
  } else {
    for (const std::string& city : subscriber.cities) {
      const auto found = readings_.find(city);
      if (found == readings_.cities().end() || !add(found->first, found->second))
        parts.without_readings.push_back(city);
    }
  }
  const bool daily = settings_.kind == MailKind::daily;
  if (daily && parts.sections.empty()) return std::nullopt;

  MailText text = daily ? daily_mail(parts) : confirm ? confirm_mail(parts, settings_.confirm) : welcome_mail(parts);
  smtp::Message message;
  message.from = settings_.from;
  message.to = {subscriber.email, subscriber.name};
  message.subject = std::move(text.subject);
  message.date = now;
  // The same mail always has the same id, so that a repeated one can be recognized.
  const std::string date = date_text(parts.date);
  message.id = fmt::format("{}.{}.{}@{}", date, name_of(settings_.kind),
                           smtp::fingerprint({subscriber.email, date, text.text, text.html}),
                           smtp::domain_of(settings_.from.address));
  message.headers.emplace_back("Auto-Submitted", "auto-generated");
  if (!parts.unsubscribe.empty())
    message.headers.emplace_back("List-Unsubscribe", fmt::format("<{}>", parts.unsubscribe));
  // RFC 8058 (one-click): a mail program may unsubscribe by a POST; only a token makes that safe.
  if (needs_token(settings_.unsubscribe) && parts.unsubscribe.starts_with("https://"))
    message.headers.emplace_back("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  message.text = std::move(text.text);
  message.html = std::move(text.html);
  for (std::size_t i = 0; i < parts.sections.size(); ++i) {
    const CitySection& section = *parts.sections[i];
    if (!section.chart_id.empty())
      message.images.push_back({section.chart_id, "image/png", fmt::format("chart-{}.png", i + 1), section.chart_png});
  }
  return message;
}

}  // namespace weir::summary_mail
