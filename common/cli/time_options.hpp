// The options of a record's time; alike in every tool that needs it.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "cli/app.hpp"
#include "record/time_field.hpp"

namespace weir::cli {

/// Binds --time-unit.
void define_time_unit(App& app, EpochUnit& unit);

/// Binds --time, --tz, --time-unit and --fold.
void define_time(App& app, TimeSettings& settings);

/// As define_time(), and --max-future with its default: for a tool that goes by the time of its records.
void define_event_time(App& app, TimeSettings& settings);

/// Binds --max-future, with the usual limit as its value, or none; `off` empties it.
Option& define_max_future(App& app, std::optional<Duration>& limit, std::optional<std::chrono::days> usual,
                          const char* help);

/// The same of a source, which compares with the wall clock. `what` is rejected: `a message`.
Option& define_max_future_of_source(App& app, std::optional<Duration>& limit, std::optional<std::chrono::days> usual,
                                    std::string_view what);

struct TimeOptions : TimeSettings {
  TimeOptions() { field = "timestamp"; }
  void define(App& app) { define_time(app, *this); }
  /// The parser that the options ask for. Throws UsageError when there is no such zone.
  TimeParser parser() const;
};

/// The zone of that name; throws UsageError, naming the option, when there is none.
Zone zone_or_usage_error(const std::string& name, std::string_view option = "--tz");

}  // namespace weir::cli
