#include "mail_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "net/html.hpp"
#include "time/time_of_day.hpp"

namespace weir::summary_mail {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

std::string clock_of(Time time, const Zone& zone) {
  const auto local = zone.to_local(time);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(time_of_day(local)));
  return fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
}

/// One part of the day, for the text and the HTML.
struct Column {
  std::string title;  ///< `Morning`
  std::string hours;  ///< `06–12`
  const Figures* figures;
};

/// A figure in two pieces: the mean, and the spread (empty for a single reading).
struct Shown {
  std::string main;
  std::string rest;
};

Shown show_temperature(const Figures& figures) {
  if (!figures.temperature_c) return {};
  const Measure& m = *figures.temperature_c;
  Shown shown{fmt::format("{} °C", format_figure(m.mean, 1)), {}};
  if (figures.readings > 1) shown.rest = fmt::format("{} to {}", format_figure(m.low, 1), format_figure(m.high, 1));
  return shown;
}

Shown show_humidity(const Figures& figures) {
  if (!figures.humidity) return {};
  return {fmt::format("{} %", format_figure(figures.humidity->mean, 0)), {}};
}

Shown show_pressure(const Figures& figures) {
  if (!figures.pressure) return {};
  return {fmt::format("{} hPa", format_figure(figures.pressure->mean, 0)), {}};
}

Shown show_wind(const Figures& figures) {
  if (!figures.wind_speed) return {};
  Shown shown{fmt::format("{} m/s", format_figure(figures.wind_speed->mean, 1)), {}};
  if (figures.readings > 1) shown.rest = fmt::format("up to {}", format_figure(figures.wind_speed->high, 1));
  return shown;
}

Shown show_weather(const Figures& figures) { return {figures.weather, {}}; }

struct Row {
  std::string_view label;
  Shown (*show)(const Figures&);
};
constexpr std::array<Row, 5> rows{{{"Temperature", show_temperature},
                                   {"Humidity", show_humidity},
                                   {"Pressure", show_pressure},
                                   {"Wind", show_wind},
                                   {"Weather", show_weather}}};

std::string joined(const std::vector<std::string_view>& parts) { return fmt::format("{}", fmt::join(parts, " ")); }

/// The number of columns in a monospaced font, approximately: code points.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

void append_text_column(std::string& out, const Column& column) {
  const Figures& figures = *column.figures;
  out += fmt::format("  {} ({})", column.title, column.hours);
  if (figures.readings == 0) {
    out += ": no readings\n";
    return;
  }
  out += '\n';
  for (const Row& row : rows) {
    const Shown shown = row.show(figures);
    if (shown.main.empty())
      out += fmt::format("    {:<12} not known\n", row.label);
    else
      out += fmt::format("    {:<12} {}{}\n", row.label, shown.main,
                         shown.rest.empty() ? "" : fmt::format(" ({})", shown.rest));
  }
  if (!figures.advice.empty()) out += fmt::format("    {:<12} {}\n", "Advice", joined(figures.advice));
}

void append_html_table(std::string& out, const std::vector<Column>& columns) {
  out +=
      "<table role=\"presentation\" class=\"t\" width=\"100%\" cellpadding=\"4\" cellspacing=\"0\" "
      "style=\"font-size:14px;color:#1d2a36;table-layout:fixed\">\n";
  out += "<tr align=\"left\" valign=\"bottom\"><th width=\"20%\"></th>";
  for (const Column& column : columns)
    out += fmt::format("<th>{}<br><span class=\"m\" style=\"font-weight:normal;color:#5d6b78\">{}</span></th>",
                       column.title, column.hours);
  out += "</tr>\n";
  const auto begin_row = [&](std::string_view label) {
    out += fmt::format("<tr valign=\"top\"><td class=\"m\" style=\"color:#5d6b78\">{}</td>", label);
  };
  for (const Row& row : rows) {
    begin_row(row.label);
    for (const Column& column : columns) {
      const Shown shown = row.show(*column.figures);
      out += "<td>";
      out += shown.main.empty() ? "–" : escape_html(shown.main);
      if (!shown.rest.empty())
        out += fmt::format("<br><small class=\"m\" style=\"color:#5d6b78\">{}</small>", escape_html(shown.rest));
      out += "</td>";
    }
    out += "</tr>\n";
  }
  const bool any_advice =
      std::any_of(columns.begin(), columns.end(), [](const Column& each) { return !each.figures->advice.empty(); });
  if (any_advice) {
    begin_row("Advice");
    for (const Column& column : columns) out += fmt::format("<td>{}</td>", escape_html(joined(column.figures->advice)));
    out += "</tr>\n";
  }
  out += "</table>\n";
}

void write_section(CitySection& section, const std::vector<Column>& columns) {
  const std::string& city = section.day.city;
  section.text = fmt::format("{}\n{}\n", city, std::string(width_of(city), '-'));
  for (const Column& column : columns) append_text_column(section.text, column);
  section.text += '\n';

  section.html = fmt::format("<h2 class=\"t\" style=\"margin:24px 0 8px;font-size:19px;color:#12486b\">{}</h2>\n",
                             escape_html(city));
  if (!section.chart_id.empty())
    section.html += fmt::format(
        "<img src=\"cid:{}\" width=\"544\" height=\"136\" alt=\"{}\" "
        "style=\"display:block;width:100%;max-width:544px;height:auto;border:0;margin:0 0 8px\">\n",
        section.chart_id, escape_html(describe_chart(section.day)));
  append_html_table(section.html, columns);
}

Column current_column(const CitySection& section, const Zone& zone) {
  return {"Current", "at " + clock_of(section.day.current_time, zone), &*section.day.current};
}

/// The preview of a mail beside its subject: the first cities' current conditions.
std::string glance(const MailParts& parts) {
  std::string out;
  for (const auto& section : parts.sections) {
    const Figures& now = *section->day.current;
    if (out.size() > 100) break;
    if (!out.empty()) out += " · ";
    out += section->day.city;
    if (now.temperature_c) out += " " + show_temperature(now).main;
    if (!now.weather.empty()) out += (now.temperature_c ? ", " : " ") + now.weather;
  }
  return out;
}

std::string frame_html(const MailParts& parts, std::string_view title, std::string_view lead, std::string_view footer) {
  std::string out = fmt::format(
      R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{0}</title>
<style>
@media (prefers-color-scheme: dark) {{
.page {{ background: #10171d !important }}
.card {{ background: #1b252e !important }}
.t {{ color: #e8edf1 !important }}
.m {{ color: #a3b1bd !important }}
}}
</style></head>
<body class="page" style="margin:0;padding:0;background:#eaf0f4">
<div style="display:none;max-height:0;overflow:hidden">{1}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#eaf0f4"><tr><td align="center" style="padding:16px 8px">
<table role="presentation" class="card" width="600" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px;background:#ffffff;border-radius:8px;font-family:Helvetica,Arial,sans-serif;line-height:1.4;text-align:left">
<tr><td style="padding:20px 28px;background:#12486b;color:#ffffff;border-radius:8px 8px 0 0"><h1 style="margin:0;font-size:22px;color:#ffffff">{0}</h1></td></tr>
<tr><td class="t" style="padding:20px 28px;font-size:14px;color:#1d2a36">
{2})",
      escape_html(title), escape_html(glance(parts)), lead);
  for (const auto& section : parts.sections) out += section->html;
  for (const std::string& city : parts.without_readings)
    out += fmt::format("<p class=\"m\" style=\"color:#5d6b78\">There are no readings of {}.</p>\n", escape_html(city));
  out += fmt::format("<p class=\"m\" style=\"margin:28px 0 0;font-size:12px;color:#5d6b78\">{}", footer);
  if (!parts.unsubscribe.empty())
    out += fmt::format("<br><a class=\"m\" href=\"{}\" style=\"color:#5d6b78\">Unsubscribe</a>",
                       escape_html(parts.unsubscribe));
  out += "</p>\n</td></tr></table>\n</td></tr></table>\n</body></html>\n";
  return out;
}

std::string frame_text(const MailParts& parts, std::string_view lead, std::string_view footer) {
  std::string out(lead);
  for (const auto& section : parts.sections) out += section->text;
  for (const std::string& city : parts.without_readings) out += fmt::format("There are no readings of {}.\n\n", city);
  out += footer;
  out += '\n';
  if (!parts.unsubscribe.empty()) out += fmt::format("Unsubscribe: {}\n", parts.unsubscribe);
  return out;
}

std::string greeting(const MailParts& parts) {
  return parts.name.empty() ? "Hello," : fmt::format("Hello {},", parts.name);
}

/// A list of cities: `Athens`, `Athens and Haifa`, `Athens, Haifa and 3 more`.
std::string city_list(const MailParts& parts) {
  const auto& sections = parts.sections;
  if (sections.size() == 1) return sections[0]->day.city;
  if (sections.size() == 2) return fmt::format("{} and {}", sections[0]->day.city, sections[1]->day.city);
  return fmt::format("{}, {} and {} more", sections[0]->day.city, sections[1]->day.city, sections.size() - 2);
}

}  // namespace

std::string format_long_date(std::chrono::year_month_day date) {
  return fmt::format("{}, {} {} {}", weekdays[std::chrono::weekday(std::chrono::sys_days(date)).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()));
}

std::string format_figure(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.front() == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string describe_chart(const CityDay& day) {
  if (day.course.empty()) return fmt::format("No temperatures of {} this day", day.city);
  const auto [low, high] =
      std::minmax_element(day.course.begin(), day.course.end(),
                          [](const CoursePoint& a, const CoursePoint& b) { return a.temperature_c < b.temperature_c; });
  const auto clock = [](const CoursePoint& point) {
    const int minutes = static_cast<int>(point.hour * 60);
    return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
  };
  return fmt::format("Chart of the temperature in {} over the day: lowest {} °C at {}, highest {} °C at {}", day.city,
                     format_figure(low->temperature_c, 1), clock(*low), format_figure(high->temperature_c, 1),
                     clock(*high));
}

void write_daily_section(CitySection& section, const Zone& zone) {
  write_section(section, {{"Morning", "06–12", &section.day.morning},
                          {"Evening", "18–24", &section.day.evening},
                          current_column(section, zone)});
}

void write_current_section(CitySection& section, const Zone& zone) {
  write_section(section, {current_column(section, zone)});
}

MailText daily_mail(const MailParts& parts) {
  const std::string date = format_long_date(parts.date);
  MailText mail;
  if (parts.sections.size() == 1) {
    const Figures& now = *parts.sections[0]->day.current;
    mail.subject = fmt::format("Weather in {} on {}", parts.sections[0]->day.city, date);
    if (now.temperature_c) mail.subject += ": " + show_temperature(now).main;
    if (!now.weather.empty()) mail.subject += (now.temperature_c ? ", " : ": ") + now.weather;
  } else {
    mail.subject = fmt::format("Weather on {}: {}", date, city_list(parts));
  }
  const std::string hello = greeting(parts);
  const std::string footer = fmt::format(
      "Times are those of {}. Figures of morning and evening are means of the readings, with the lowest and the "
      "highest; weather is "
      "what was met most often; current is the latest reading of the day.",
      parts.zone.name());
  mail.text = frame_text(parts, fmt::format("{}\n\nthis is the weather on {}.\n\n", hello, date), footer);
  mail.html = frame_html(parts, "Weather on " + date, fmt::format("<p style=\"margin:0\">{}</p>\n", escape_html(hello)),
                         escape_html(footer));
  return mail;
}

MailText welcome_mail(const MailParts& parts) {
  MailText mail;
  mail.subject = "Welcome to the daily weather";
  if (parts.sections.size() == 1) mail.subject += " of " + parts.sections[0]->day.city;
  const std::string hello = greeting(parts);
  const std::string_view promise =
      "welcome! From now on the weather of your cities comes once a day: morning, evening and the "
      "latest reading, with advice.";
  const std::string_view now =
      parts.sections.empty() ? "There are no readings yet." : "These are the conditions right now.";
  const std::string footer = fmt::format("Times are those of {}.", parts.zone.name());
  mail.text = frame_text(parts, fmt::format("{}\n\n{}\n\n{}\n\n", hello, promise, now), footer);
  mail.html = frame_html(parts, "Welcome",
                         fmt::format("<p style=\"margin:0\">{}<br>{}</p>\n<p style=\"margin:12px 0 0\">{}</p>\n",
                                     escape_html(hello), promise, now),
                         escape_html(footer));
  return mail;
}

MailText confirm_mail(const MailParts& parts, std::string_view link) {
  MailText mail;
  mail.subject = "Please confirm your subscription";
  const std::string_view before =
      "somebody, probably you, has asked for the daily weather by mail to this address. It begins when you follow this "
      "link within two days:";
  const std::string_view after = "If it was not you, do nothing: no further mail comes.";
  mail.text = fmt::format("Hello,\n\n{}\n\n{}\n\n{}\n", before, link, after);
  mail.html = frame_html(parts, "Your subscription",
                         fmt::format("<p style=\"margin:0\">Hello,<br>{}</p>\n<p><a href=\"{}\">Subscribe</a></p>\n",
                                     before, escape_html(link)),
                         after);
  return mail;
}

}  // namespace weir::summary_mail
