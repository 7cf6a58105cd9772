// rec-dedup: drops records that were sent again.
#include "cli/time_options.hpp"
#include "pipeline/filter_main.hpp"
#include "rec_dedup.hpp"

namespace {

using namespace weir;

void define_options(cli::App& app, rec_dedup::Settings& settings) {
  app.example("rec-dedup --by meter,timestamp --within 10m meters.ndjson",
              "Each reading once, though some were sent twice");
  app.example("rec-dedup --by city,weather --within 3h --repeats same.ndjson readings.ndjson",
              "Each weather of a city at most once in three hours; repeats go to a file");
  app.example("cat readings.ndjson readings.ndjson | rec-dedup --by city,timestamp --within 3d",
              "A file that was sent twice as a whole");
  app.group("Repeats");
  app.fields("--by", settings.by, "Fields that are the same in a record and its repeats").required();
  app.option("--within", settings.within, "Most event time between a record and its repeats").required();
  app.option("--repeats", settings.repeats, "Append dropped records to this file").file().may_change();
  app.limit("--max-keys", settings.max_keys, "Most keys held; for a further one the oldest is forgotten early");
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::rec_dedup::RecDedup>(argc, argv, "rec-dedup", "drops records that were sent again",
                                                      define_options);
}
