// rec-dedup: drops records that were sent again.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "rec_dedup.hpp"

namespace {

using namespace weir;

void define_options(cli::App& app, rec_dedup::Settings& settings) {
  app.example("cat readings.ndjson readings.ndjson | rec-dedup --by city,timestamp --within 10h",
              "Every reading once, though all of them were sent twice");
  app.example("rec-dedup --by city,weather --within 1h --repeats same.ndjson readings.ndjson",
              "The weather of a city at most once an hour as long as it stays the same; the others are kept in a file");
  app.group("Repeats");
  app.list("--by", settings.by, "Fields that are alike in a record and its repeats").metavar("FIELD,…").required();
  app.option("--within", settings.within, "How much event time may lie between a record and its repeats")
      .metavar("DURATION")
      .required();
  app.option("--repeats", settings.repeats, "Append what is dropped to this file").metavar("FILE").file().may_change();
  app.option("--max-keys", settings.max_keys, "Keys remembered at a time; then the oldest one is forgotten early")
      .metavar("N")
      .at_least(1)
      .at_most(1'000'000'000)
      .may_change();
  cli::define_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::rec_dedup::RecDedup>(argc, argv, "rec-dedup", "drops records that were sent again",
                                                      define_options);
}
