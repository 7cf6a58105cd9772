#include "time/zone.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace weir {
namespace {

const date::time_zone& zone_of(const void* zone) { return *static_cast<const date::time_zone*>(zone); }

}  // namespace

std::optional<Zone> Zone::find(std::string_view name) {
  if (name == "UTC" || name == "Z" || name == "Etc/UTC") return Zone();
  try {
    return Zone(date::locate_zone(name));
  } catch (const std::runtime_error&) {  // the library reports an unknown zone in no other way
    return std::nullopt;
  }
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

}  // namespace weir
