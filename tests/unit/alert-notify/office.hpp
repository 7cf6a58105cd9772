// A desk whose notices are kept, for tests.
#pragma once
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "desk.hpp"
#include "parsed.hpp"

namespace weir::alert_notify {

/// When a route tells.
struct Pace {
  Duration wait{};
  std::optional<Duration> remind{}, cooldown{};
};

inline Route route_to(std::vector<std::string> to, const Pace& pace = {}) {
  Route route;
  route.name = "r";
  route.to = std::move(to);
  route.wait = pace.wait;
  route.remind = pace.remind;
  route.cooldown = pace.cooldown;
  return route;
}

/// A desk, and what it tells, as `kind/firing alerts -> channels`.
struct Office {
  explicit Office(std::vector<Route> routes, const char* zone = "UTC", std::uint64_t max_keys = 100,
                  std::optional<Duration> max_future = {}, std::vector<InhibitRule> inhibits = {},
                  std::vector<std::string> by = {})
      : Office(std::move(routes), settings_of(zone, max_keys, max_future, std::move(inhibits)), std::move(by)) {}
  Office(std::vector<Route> routes, Desk::Settings settings, std::vector<std::string> by = {}) {
    settings.routes = std::move(routes);
    settings.tells_suppressed = true;
    ReadingSettings reading;
    reading.by = std::move(by);
    reader = std::make_unique<AlertReader>(reading, fields);
    desk = std::make_unique<Desk>(settings, fields);
    parser = std::make_unique<RecordParser>(fields);
    desk->begin("t", [this](const Notice& notice) {
      std::string text = fmt::format("{} {}", notice.id, name_of(notice.kind));
      for (const Alert* each : notice.alerts) text += " " + each->key + "/" + each->level;
      for (const std::string& each : notice.to) text += " >" + each;
      told.push_back(text);
      dedups.push_back(notice.dedup);
    });
  }
  static Desk::Settings settings_of(const char* zone, std::uint64_t max_keys, std::optional<Duration> max_future,
                                    std::vector<InhibitRule> inhibits) {
    Desk::Settings settings;
    settings.inhibits = std::move(inhibits);
    settings.zone = Zone::named(zone);
    settings.max_keys = max_keys;
    settings.max_future = max_future;
    return settings;
  }
  void take(const std::string& line) {
    const Record& record = test::parsed(*parser, line);
    std::vector<Alert> alerts;
    REQUIRE_FALSE(reader->read(record, alerts).rejected());
    for (const Alert& each : alerts) desk->take(each, record);
  }
  void alert(const char* time, const char* state, const char* level, const char* plant) {
    take(fmt::format(R"({{"timestamp":"2026-07-01T{}Z","state":"{}","level":"{}","rule":"BOD","plant":"{}"}})", time,
                     state, level, plant));
  }
  /// An alert that begins and ends.
  void episode(const char* begin, const char* end, const char* level, const char* plant) {
    alert(begin, "firing", level, plant);
    alert(end, "resolved", level, plant);
  }
  void watermark(const char* time) { desk->on_watermark(*TimeParser().parse(fmt::format("2026-07-01T{}Z", time))); }
  std::vector<std::string> take_told() { return std::exchange(told, {}); }

  FieldSet fields;
  std::unique_ptr<AlertReader> reader;
  std::unique_ptr<Desk> desk;
  std::unique_ptr<RecordParser> parser;
  std::vector<std::string> told, dedups;
};
using Told = std::vector<std::string>;

}  // namespace weir::alert_notify
