#include "readings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::summary_mail {
namespace {

using std::chrono::hours;

constexpr auto longest_day = hours(26);
constexpr auto first_zone = hours(14);  // UTC+14, Kiritimati
constexpr auto last_zone = hours(12);   // UTC-12

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool Readings::is_needed(Time time) const {
  if (!date_) return time > *latest_ - longest_day;
  const Time midnight{std::chrono::sys_days(*date_)};
  return time >= midnight - first_zone && time < midnight + hours(24) + last_zone;
}

Verdict Readings::add(std::string_view city, Reading reading, std::string_view weather) {
  if (!latest_ || reading.time > *latest_) latest_ = reading.time;
  if (!is_needed(reading.time)) return Verdict::ok();
  auto found = cities_.find(city);
  if (found == cities_.end()) {
    if (cities_.size() >= limits_.cities)
      return Verdict::reject(fmt::format("there are {} cities already (--max-keys)", limits_.cities));
    found = cities_.emplace(city, List()).first;
  }
  List& list = found->second;
  while (!list.empty() && !is_needed(list.front().time)) list.pop_front();
  if (list.size() >= limits_.readings_a_city)
    return Verdict::reject(
        fmt::format("{} has {} readings of one day already (--max-readings)", city, limits_.readings_a_city));
  const std::string text(weather);
  auto known = description_index_.find(text);
  if (known == description_index_.end()) {
    if (descriptions_.size() > limits_.descriptions)
      return Verdict::reject(fmt::format("there are {} different weather texts already", limits_.descriptions));
    known = description_index_.emplace(text, static_cast<std::uint32_t>(descriptions_.size())).first;
    descriptions_.push_back(text);
  }
  reading.weather = known->second;
  list.push_back(reading);
  return Verdict::ok();
}

void Readings::snapshot(SnapshotWriter& to) const {
  to.number(latest_.has_value());
  if (latest_) to.number<std::int64_t>(latest_->time_since_epoch().count());
  to.number<std::uint64_t>(descriptions_.size());
  for (const std::string& text : descriptions_) to.text(text);
  to.number<std::uint64_t>(cities_.size());
  for (const auto& [city, list] : cities_) {
    to.text(city);
    to.number<std::uint64_t>(list.size());
    for (const Reading& reading : list) {
      to.number<std::int64_t>(reading.time.time_since_epoch().count());
      for (const double value : {reading.temperature_c, reading.humidity, reading.pressure, reading.wind_speed})
        to.number(value);
      to.number(reading.weather);
    }
  }
}

void Readings::restore(SnapshotReader& from) {
  const auto time = [&] { return Time(Duration(from.number<std::int64_t>())); };
  if (from.number<bool>()) latest_ = time();
  descriptions_.clear();
  description_index_.clear();
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    descriptions_.emplace_back(from.text());
    description_index_.emplace(descriptions_.back(), static_cast<std::uint32_t>(descriptions_.size() - 1));
  }
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    List& list = cities_[std::string(from.text())];
    for (auto readings = from.number<std::uint64_t>(); readings > 0; --readings) {
      Reading& reading = list.emplace_back();
      reading.time = time();
      for (double* value : {&reading.temperature_c, &reading.humidity, &reading.pressure, &reading.wind_speed})
        *value = from.number<double>();
      reading.weather = from.number<std::uint32_t>();
      if (reading.weather >= descriptions_.size()) throw SnapshotError("a reading has a weather that is not there");
    }
  }
}

std::map<std::string, Readings::List, std::less<>>::const_iterator Readings::find(std::string_view city) const {
  if (const auto exact = cities_.find(city); exact != cities_.end()) return exact;
  return std::find_if(cities_.begin(), cities_.end(),
                      [&](const auto& each) { return same_but_for_case(each.first, city); });
}

}  // namespace weir::summary_mail
