// win-delta: gives the difference between successive values of a key.
#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "pipeline/run.hpp"
#include "win_delta.hpp"

namespace {

using namespace weir;
using namespace weir::win_delta;

struct Options {
  Options() { time.field = "window_end"; }
  std::vector<std::string> by;
  std::vector<std::string> fields;
  Duration allow_late{};
  std::string late;
  std::uint64_t max_keys = 1'000'000;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example(
      "win-agg --every 2h --by city --agg 'max(temperature_c) as hottest' readings.ndjson | "
      "win-delta --by city --field 'hottest as warming'",
      "By how much the highest temperature of two hours is above that of the two hours before");
  app.example("win-delta --by city --field temperature_c,pressure --time timestamp readings.ndjson",
              "Every reading, with temperature_c_delta and pressure_delta");
  app.group("Differences");
  app.list("--by", options.by, "Fields by which rows are kept apart").metavar("FIELD,…");
  app.list("--field", options.fields,
           "Fields whose differences are added, each with 'as NAME' if FIELD_delta will not do")
      .metavar("FIELD,…")
      .required();
  app.option("--allow-late", options.allow_late,
             "How far behind the newest row of its key a row may be that replaces another or comes between two")
      .metavar("DURATION");
  app.option("--late", options.late, "Append rows that are further behind to this file")
      .metavar("FILE")
      .file()
      .may_change();
  app.option("--max-keys", options.max_keys, "Keys held; rows of one more are rejected")
      .metavar("N")
      .at_least(1)
      .at_most(1'000'000'000)
      .may_change();
  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

WinDeltaSettings settings_of(const Options& options) {
  WinDeltaSettings settings;
  settings.time_field = options.time.field;
  settings.time = options.time.parser();
  settings.by = options.by;
  for (const std::string& field : options.fields) settings.fields.push_back(parse_delta_field(field));
  settings.allow_late = options.allow_late;
  settings.max_keys = options.max_keys;
  settings.late = options.late.empty() ? LateRows::leave_out : LateRows::write_to_side;
  return settings;
}

void validate(const Options& options) {
  try {
    const WinDelta trial(settings_of(options));
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(error.what());
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  WinDelta stage(settings_of(options));
  return run_filter(stage, options.input, options.output, context, {options.late});
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "win-delta", "gives the difference between successive values of a key",
                                     define_options, validate, run);
}
