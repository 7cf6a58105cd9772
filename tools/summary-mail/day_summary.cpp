#include "day_summary.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "time/timestamp.hpp"
#include "weather/advice.hpp"

namespace weir::summary_mail {
namespace {

using std::chrono::days;
using std::chrono::floor;

/// Values outside this range are in the figures only, not in the chart.
constexpr double absurd_temperature_c = 1000;

/// The running mean, least and greatest of known values.
class Gather {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    low_ = count_ == 0 ? value : std::min(low_, value);
    high_ = count_ == 0 ? value : std::max(high_, value);
    sum_ += value;
    ++count_;
  }
  std::optional<Measure> measure() const {
    if (count_ == 0) return std::nullopt;
    return Measure{sum_ / static_cast<double>(count_), low_, high_};
  }

 private:
  double sum_ = 0;
  double low_ = 0;
  double high_ = 0;
  std::size_t count_ = 0;
};

std::optional<double> known(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

Figures figures_of(std::span<const Reading> list, const Readings& readings) {
  Figures figures;
  figures.readings = list.size();
  Gather temperature;
  Gather humidity;
  Gather pressure;
  Gather wind;
  struct Seen {
    std::uint32_t weather;
    std::size_t times;
  };
  std::vector<Seen> seen;  // few, in order of first appearance
  const auto rules = weather::advice_rules();
  std::vector<bool> applies(rules.size(), false);
  for (const Reading& each : list) {
    temperature.add(each.temperature_c);
    humidity.add(each.humidity);
    pressure.add(each.pressure);
    wind.add(each.wind_speed);
    if (each.weather != 0) {
      const auto found =
          std::find_if(seen.begin(), seen.end(), [&](const Seen& one) { return one.weather == each.weather; });
      if (found == seen.end())
        seen.push_back({each.weather, 1});
      else
        ++found->times;
    }
    const std::string& description = readings.description(each.weather);
    const weather::Conditions conditions{known(each.temperature_c), known(each.humidity), known(each.pressure),
                                         known(each.wind_speed), description};
    const weather::Phenomena phenomena = weather::phenomena_in(description);
    for (std::size_t i = 0; i < rules.size(); ++i)
      if (!applies[i] && rules[i].applies(conditions, phenomena)) applies[i] = true;
  }
  figures.temperature_c = temperature.measure();
  figures.humidity = humidity.measure();
  figures.pressure = pressure.measure();
  figures.wind_speed = wind.measure();
  const auto most =
      std::max_element(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.times < b.times; });
  if (most != seen.end()) figures.weather = readings.description(most->weather);
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (applies[i]) figures.advice.push_back(rules[i].text);
  return figures;
}

/// Sorts by time; of equal times the last reading counts.
void sort_and_settle(std::vector<Reading>& list) {
  std::stable_sort(list.begin(), list.end(), [](const Reading& a, const Reading& b) { return a.time < b.time; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i + 1 < list.size() && list[i + 1].time == list[i].time) continue;
    list[kept++] = list[i];
  }
  list.resize(kept);
}

void set_current(CityDay& day, const Reading& last, const Readings& readings) {
  day.current = figures_of(std::span(&last, 1), readings);
  day.current_time = last.time;
}

}  // namespace

std::chrono::year_month_day date_in(Time time, const Zone& zone) {
  return std::chrono::year_month_day(floor<days>(zone.to_local(time)));
}

std::chrono::year_month_day WhichDay::at(Time now, const Zone& zone) const {
  if (rule == Rule::date) return date;
  const auto local = zone.to_local(now);
  const auto today = floor<days>(local);
  const bool evening = local - today >= std::chrono::hours(evening_hours.from_hour);
  const bool is_today = rule == Rule::today || (rule == Rule::last_evening && evening);
  return std::chrono::year_month_day(is_today ? today : today - days(1));
}

std::optional<WhichDay> parse_which_day(std::string_view text) {
  if (text == "today") return WhichDay{WhichDay::Rule::today};
  if (text == "yesterday") return WhichDay{WhichDay::Rule::yesterday};
  if (const auto date = parse_date(text)) return WhichDay{WhichDay::Rule::date, *date};
  return std::nullopt;
}

CityDay summarise_day(const std::string& city, const Readings::List& list, const Readings& readings, const Zone& zone,
                      std::chrono::year_month_day date) {
  CityDay day;
  day.city = city;
  const std::chrono::local_days midnight(date);
  std::vector<Reading> today;
  for (const Reading& each : list)
    if (floor<days>(zone.to_local(each.time)) == midnight) today.push_back(each);
  if (today.empty()) return day;
  sort_and_settle(today);

  // Where clocks are set back an hour repeats, so the parts are chosen by wall-clock time, not by position.
  std::vector<Reading> morning;
  std::vector<Reading> evening;
  for (const Reading& each : today) {
    const double hour = std::chrono::duration<double, std::ratio<3600>>(zone.to_local(each.time) - midnight).count();
    if (hour >= morning_hours.from_hour && hour < morning_hours.to_hour) morning.push_back(each);
    if (hour >= evening_hours.from_hour && hour < evening_hours.to_hour) evening.push_back(each);
    if (std::abs(each.temperature_c) < absurd_temperature_c)
      day.course.push_back({hour, each.temperature_c, each.time});
  }
  day.morning = figures_of(morning, readings);
  day.evening = figures_of(evening, readings);
  set_current(day, today.back(), readings);
  return day;
}

CityDay summarise_current(const std::string& city, const Readings::List& list, const Readings& readings) {
  CityDay day;
  day.city = city;
  const Reading* last = nullptr;
  for (const Reading& each : list)
    if (last == nullptr || each.time >= last->time) last = &each;
  if (last != nullptr) set_current(day, *last, readings);
  return day;
}

}  // namespace weir::summary_mail
