// rec-dedup: drops records that were sent again.
#include "cli/app.hpp"
#include "cli/time_options.hpp"
#include "rec_dedup.hpp"
#include "pipeline/run.hpp"

namespace {

using namespace weir;
using namespace weir::rec_dedup;

struct Options {
  std::vector<std::string> by;
  Duration within{};
  std::string repeats;
  std::uint64_t max_keys = 1'000'000;
  cli::TimeOptions time;
  InputOptions input;
  OutputOptions output;
};

void define_options(cli::App& app, Options& options) {
  app.example("cat readings.ndjson readings.ndjson | rec-dedup --by city,timestamp --within 10h",
              "Every reading once, though all of them were sent twice");
  app.example("rec-dedup --by city,weather --within 1h --repeats same.ndjson readings.ndjson",
              "The weather of a city at most once an hour as long as it stays the same; the others are kept in a file");
  app.group("Repeats");
  app.list("--by", options.by, "Fields that are alike in a record and its repeats").metavar("FIELD,…").required();
  app.option("--within", options.within, "How much event time may lie between a record and its repeats")
      .metavar("DURATION")
      .required();
  app.option("--repeats", options.repeats, "Append what is dropped to this file").metavar("FILE").file().may_change();
  app.option("--max-keys", options.max_keys, "Keys remembered at a time; then the oldest one is forgotten early")
      .metavar("N")
      .at_least(1)
      .at_most(1'000'000'000)
      .may_change();
  options.time.define(app);
  options.input.define(app);
  options.output.define(app);
}

RecDedupSettings settings_of(const Options& options) {
  RecDedupSettings settings;
  settings.time_field = options.time.field;
  settings.time = options.time.parser();
  settings.by = options.by;
  settings.within = options.within;
  settings.max_keys = options.max_keys;
  settings.repeats = options.repeats.empty() ? Repeats::leave_out : Repeats::write_to_side;
  return settings;
}

void validate(const Options& options) {
  try {
    const RecDedup trial(settings_of(options));
  } catch (const std::invalid_argument& error) {
    throw cli::UsageError(error.what());
  }
}

cli::Exit run(const Options& options, cli::Context& context) {
  RecDedup stage(settings_of(options));
  return run_filter(stage, options.input, options.output, context, {options.repeats});
}

}  // namespace

int main(int argc, char** argv) {
  return weir::cli::main_of<Options>(argc, argv, "rec-dedup", "drops records that were sent again", define_options,
                                     validate, run);
}
