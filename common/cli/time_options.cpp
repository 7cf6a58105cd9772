#include "cli/time_options.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace weir::cli {

void define_time_unit(App& app, EpochUnit& unit) {
  app.choice("--time-unit", unit,
             {{"s", EpochUnit::s}, {"ms", EpochUnit::ms}, {"us", EpochUnit::us}, {"ns", EpochUnit::ns}},
             "Unit of numeric timestamps, counted from 1970");
}

void define_time(App& app, TimeSettings& settings) {
  app.group("Time");
  Option& time = app.field("--time", settings.field, "Field with the record's time");
  if (settings.field.empty()) time.default_text("timestamp, time, ts, window_end …");
  app.option("--tz", settings.zone, "IANA time zone of timestamps without an offset").zone();
  define_time_unit(app, settings.unit);
  app.flag("--any-epoch", settings.epochs, Epochs::any,
           "Take every number as a time, also outside of 1990 to 2100, such as seconds since a start");
  app.choice("--fold", settings.fold, {{"first", Fold::first}, {"last", Fold::last}, {"reject", Fold::reject}},
             "What a local time means that comes twice, when clocks are set back");
}

void define_event_time(App& app, TimeSettings& settings) {
  define_time(app, settings);
  define_max_future(app, settings.max_future, std::chrono::days(31),
                    "Set a record aside whose time is further ahead of the stream, until others agree")
      .may_change();
}

Option& define_max_future(App& app, std::optional<Duration>& limit, std::optional<std::chrono::days> usual,
                          const char* help) {
  limit = usual;
  Option& added = app.option("--max-future", limit, help)
                      .metavar("DURATION|off")
                      .default_text(usual ? std::to_string(usual->count()) + "d" : "off");
  added.set = [&limit, set = added.set](const std::string& text) {
    if (text == "off") return limit.reset();
    set(text);
    if (*limit <= Duration::zero()) throw std::invalid_argument("is a duration, or off");
  };
  return added;
}

Option& define_max_future_of_source(App& app, std::optional<Duration>& limit, std::optional<std::chrono::days> usual,
                                    std::string_view what) {
  const std::string help = fmt::format("Reject {} whose time is further ahead of this machine's clock", what);
  return define_max_future(app, limit, usual, help.c_str()).may_change();
}

void define_source_time(App& app, SourceTimeFieldSettings& time, std::string_view what) {
  app.group("Time");
  app.fields("--time", time.fields, "Fields with the time, joined by a blank; the first becomes the time in UTC");
  app.option("--time-format", time.time.format, "How it is written, in strptime's letters").metavar("FORMAT");
  app.option("--tz", time.time.zone, "IANA time zone of times without an offset").zone();
  define_time_unit(app, time.time.unit);
  app.choice("--fold", time.time.fold, {{"first", Fold::first}, {"last", Fold::last}, {"reject", Fold::reject}},
             "What a local time means that comes twice, when clocks are set back");
  define_max_future_of_source(app, time.max_future, std::chrono::days(1), what);
}

void check_source_time(const SourceTimeFieldSettings& time) {
  if (time.fields.empty() && (!time.time.format.empty() || time.time.zone != "UTC" || time.time.unit != EpochUnit::s))
    throw UsageError("--time-format, --tz and --time-unit need --time, which names the fields");
}

TimeParser TimeOptions::parser() const { return TimeParser(zone_or_usage_error(zone), unit, fold); }

Zone zone_or_usage_error(const std::string& name, std::string_view option) {
  try {
    return Zone::named(name, option);
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace weir::cli
