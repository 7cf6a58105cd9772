// What a mail says, as text and as HTML.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "day_summary.hpp"
#include "time/zone.hpp"

namespace weir::summary_mail {

/// A city's part of a mail, made once for all subscribers of its zone.
struct CitySection {
  CityDay day;
  std::string text;
  std::string html;       ///< with `cid:` and chart_id where there is a chart
  std::string chart_id;   ///< empty without a chart
  std::string chart_png;  ///< bytes
};

/// What a mail is made of.
struct MailParts {
  std::string name;  ///< whom to greet; may be empty
  std::chrono::year_month_day date;
  Zone zone;
  std::vector<std::shared_ptr<const CitySection>> sections;
  std::vector<std::string> without_readings;  ///< cities that were asked for and have none
  std::string unsubscribe;                    ///< a link; may be empty
};

/// Subject and the two texts (UTF-8, `\n` at line ends).
struct MailText {
  std::string subject;
  std::string text;
  std::string html;
};

/// The day's mail.
MailText daily_mail(const MailParts& parts);

/// The greeting, with current conditions.
MailText welcome_mail(const MailParts& parts);

/// Fills in a section's text and HTML from its day: morning, evening, current. A chart is shown when chart_id is set.
void write_daily_section(CitySection& section, const Zone& zone);

/// As write_daily_section, with the current conditions alone.
void write_current_section(CitySection& section, const Zone& zone);

/// `Thursday, 30 November 2017`.
std::string format_long_date(std::chrono::year_month_day date);

/// A number with so many decimals; never `-0`.
std::string format_figure(double value, int decimals);

/// The chart in words, for whoever does not see it.
std::string describe_chart(const CityDay& day);

}  // namespace weir::summary_mail
