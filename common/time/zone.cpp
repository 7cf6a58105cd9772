#include "time/zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>

namespace weir {
namespace {

const date::time_zone& zone_of(const void* zone) { return *static_cast<const date::time_zone*>(zone); }

/// A change of a zone's offset, or the end of the range of Time where it lies beyond.
Time saturated(date::sys_seconds change) {
  using std::chrono::floor;
  using std::chrono::seconds;
  const seconds at = change.time_since_epoch();
  if (at <= floor<seconds>(Time::min().time_since_epoch())) return Time::min();
  if (at >= floor<seconds>(Time::max().time_since_epoch())) return Time::max();
  return Time(at);
}

}  // namespace

std::optional<Zone> Zone::find(std::string_view name) {
  if (name == "UTC" || name == "Z" || name == "Etc/UTC") return Zone();
  try {
    return Zone(date::locate_zone(name));
  } catch (const std::runtime_error&) {  // the library's only report of an unknown zone
    return std::nullopt;
  }
}

namespace {

/// The zone with that offset all year, for `+01:00`, `UTC+1` and the like; its sign is turned round. Empty for others.
std::string zone_of_offset(std::string_view text) {
  if (text.starts_with("UTC") || text.starts_with("GMT")) text.remove_prefix(3);
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return {};
  const char sign = text[0] == '+' ? '-' : '+';
  text.remove_prefix(1);
  int hours = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + std::min<std::size_t>(2, text.size()), hours);
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  if (error != std::errc() || hours == 0 || hours > 12 || !(text.empty() || text == "00" || text == ":00")) return {};
  return std::string("Etc/GMT") + sign + std::to_string(hours);
}

}  // namespace

Zone Zone::named(std::string_view name, std::string_view what) {
  if (const auto zone = find(name)) return *zone;
  const std::string fixed = zone_of_offset(name);
  throw std::invalid_argument(
      std::string(what) + ": there is no time zone '" + std::string(name) +
      (fixed.empty() ? "' (as in Europe/Athens)" : "'; " + fixed + " has that offset all year"));
}

std::string Zone::name() const { return zone_ == nullptr ? "UTC" : zone_of(zone_).name(); }

LocalTime Zone::to_local(Time time) const {
  if (zone_ == nullptr) return LocalTime(time.time_since_epoch());
  const auto local = zone_of(zone_).to_local(date::sys_time<Duration>(time.time_since_epoch()));
  return LocalTime(local.time_since_epoch());
}

Time Zone::to_utc(LocalTime local) const {
  if (zone_ == nullptr) return Time(local.time_since_epoch());
  const auto time = zone_of(zone_).to_sys(date::local_time<Duration>(local.time_since_epoch()), date::choose::earliest);
  return Time(time.time_since_epoch());
}

LocalMeaning Zone::meaning(LocalTime local) const {
  using Kind = LocalMeaning::Kind;
  const Time as_utc(local.time_since_epoch());
  if (zone_ == nullptr) return {Kind::once, as_utc, as_utc, Time::min(), Time::max()};
  const auto info = zone_of(zone_).get_info(date::local_time<Duration>(local.time_since_epoch()));
  const Time since = saturated(info.first.begin);
  switch (info.result) {
    case date::local_info::unique: {
      const Time time = as_utc - info.first.offset;
      return {Kind::once, time, time, since, saturated(info.first.end)};
    }
    case date::local_info::ambiguous:
      return {Kind::twice, as_utc - info.first.offset, as_utc - info.second.offset, since, saturated(info.second.end)};
    default: {
      const Time change = saturated(info.first.end);
      return {Kind::never, change, change, since, saturated(info.second.end)};
    }
  }
}

std::string Zone::abbreviation(Time time) const {
  if (zone_ == nullptr) return "UTC";
  return zone_of(zone_).get_info(date::sys_time<Duration>(time.time_since_epoch())).abbrev;
}

}  // namespace weir
