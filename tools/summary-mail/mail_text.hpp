// The content of a mail, as text and as HTML.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "day_summary.hpp"
#include "time/zone.hpp"

namespace weir::summary_mail {

/// A city's section, made once for all subscribers of its zone.
struct CitySection {
  CityDay day;
  std::string text;
  std::string html;       ///< with `cid:` and chart_id when there is a chart
  std::string chart_id;   ///< empty without a chart
  std::string chart_png;  ///< PNG bytes
};

/// The parts of a mail.
struct MailParts {
  std::string name;  ///< the subscriber's name; may be empty
  std::chrono::year_month_day date;
  Zone zone;
  std::vector<std::shared_ptr<const CitySection>> sections;
  std::vector<std::string> without_readings;  ///< requested cities without a section
  std::string unsubscribe;                    ///< unsubscribe link; may be empty
};

/// The subject and the two texts (UTF-8, lines end with `\n`).
struct MailText {
  std::string subject;
  std::string text;
  std::string html;
};

/// The day's mail.
MailText daily_mail(const MailParts& parts);

/// The greeting, with current conditions.
MailText welcome_mail(const MailParts& parts);

/// The mail with the link that confirms a subscription.
MailText confirm_mail(const MailParts& parts, std::string_view link);

/// Writes a section's text and HTML from its day: morning, evening, current. A chart is shown when chart_id is set.
void write_daily_section(CitySection& section, const Zone& zone);

/// As write_daily_section(), with current conditions only.
void write_current_section(CitySection& section, const Zone& zone);

/// Formats a date: `Thursday, 30 November 2017`.
std::string format_long_date(std::chrono::year_month_day date);

/// Formats a number with that many decimals; never `-0`.
std::string format_figure(double value, int decimals);

/// The chart as text, for readers who do not see it.
std::string describe_chart(const CityDay& day);

}  // namespace weir::summary_mail
