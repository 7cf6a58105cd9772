#include "readings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::summary_mail {
namespace {

using std::chrono::hours;

constexpr auto two_days = hours(50);
constexpr auto one_day = hours(26);
constexpr auto first_zone = hours(14);  // UTC+14, Kiritimati
constexpr auto last_zone = hours(12);   // UTC-12

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool Readings::is_needed(Time time, Time now) const {
  if (!date_) return time > now - two_days && time < now + one_day;
  const Time midnight{std::chrono::sys_days(*date_)};
  return time >= midnight - first_zone && time < midnight + hours(24) + last_zone;
}

Verdict Readings::add(std::string_view city, Reading reading, std::string_view weather, Time now) {
  if (!latest_ || reading.time > *latest_) latest_ = reading.time;
  if (!is_needed(reading.time, now)) return Verdict::ok();
  auto found = cities_.find(city);
  if (found == cities_.end()) {
    if (cities_.size() >= limits_.cities)
      return Verdict::reject(fmt::format("there are {} cities already (--max-keys)", limits_.cities));
    found = cities_.emplace(city, List()).first;
  }
  List& list = found->second;
  while (!list.empty() && !is_needed(list.front().time, now)) list.pop_front();
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

void Readings::state(StateArchive& archive) {
  archive.values(latest_, descriptions_, cities_);
  if (archive.saving()) return;
  description_index_.clear();
  for (const std::string& text : descriptions_)
    description_index_.emplace(text, static_cast<std::uint32_t>(description_index_.size()));
  for (const auto& [city, list] : cities_)
    for (const Reading& reading : list)
      if (reading.weather >= descriptions_.size()) throw SnapshotError("a reading has a weather that is not there");
}

std::map<std::string, Readings::List, std::less<>>::const_iterator Readings::find(std::string_view city) const {
  if (const auto exact = cities_.find(city); exact != cities_.end()) return exact;
  return std::find_if(cities_.begin(), cities_.end(),
                      [&](const auto& each) { return same_but_for_case(each.first, city); });
}

}  // namespace weir::summary_mail
