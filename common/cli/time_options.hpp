// The options of a record's time; alike in every tool that needs it.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "cli/app.hpp"
#include "record/source_time_field.hpp"
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

/// Binds --time, --time-format, --tz, --time-unit, --fold and --max-future of a source whose records come from outside
/// as they are written. `what` is rejected: `a message`.
void define_source_time(App& app, SourceTimeFieldSettings& time, std::string_view what);
/// Throws UsageError where those options do not go together.
void check_source_time(const SourceTimeFieldSettings& time);

struct TimeOptions : TimeSettings {
  TimeOptions() { field = "timestamp"; }
  void define(App& app) { define_time(app, *this); }
  /// The parser that the options ask for. Throws UsageError when there is no such zone.
  TimeParser parser() const;
};

/// The zone of that name; throws UsageError, naming the option, when there is none.
Zone zone_or_usage_error(const std::string& name, std::string_view option = "--tz");

}  // namespace weir::cli
