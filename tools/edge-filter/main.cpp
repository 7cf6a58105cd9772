// edge-filter: smooths readings and decides which are worth sending.
#include "cli/time_options.hpp"
#include "edge_filter.hpp"
#include "pipeline/filter_main.hpp"

namespace {

using namespace weir;
using namespace weir::edge_filter;

void define_options(cli::App& app, Settings& settings) {
  app.example("edge-filter --by city --value temperature_c readings.ndjson",
              "Every reading, smoothed, with its scores and whether it is worth sending");
  app.example(
      "edge-filter --by city --value temperature_c --smooth none --deadband 0.5 --max-interval 6h --transmit-only "
      "readings.ndjson",
      "Only what differs by more than half a degree from the last one sent, and one reading in six hours");
  app.example("edge-filter --by city --value temperature_c --smooth none --swing 0.5 --transmit-only readings.ndjson",
              "Only the corners: lines between them pass every reading within half a degree");

  app.group("Series");
  app.fields("--by", settings.by, "Fields that make the key of a series");
  app.field("--parameter", settings.parameter,
            "Field that names the type of sensor; each type of a key is a series of its own");
  app.field("--value", settings.value, "The field of the measured value");
  cli::define_event_time(app, settings.time);

  app.group("Smoothing and scores");
  app.list("--smooth", settings.types.smooth,
           "Smoothing of a type of sensor: none, mean:N, median:N, lowpass:ORDER:CUTOFF (causal) or "
           "filtfilt:ORDER:CUTOFF; without TYPE, or with *, that of all others")
      .metavar("TYPE=METHOD,…")
      .default_text(
          "accelerometer=filtfilt:3:0.1,gyroscope=filtfilt:3:0.1,temperature=mean:5,humidity=mean:5,*=median:3");
  app.option("--buffer", settings.buffer, "Readings of a series that filtfilt goes over").at_least(20).at_most(1e6);
  app.option("--warm-up", settings.warm_up, "Readings of a series with which smoothing and scores begin")
      .at_least(1)
      .at_most(1e6);
  app.option("--outlier-after", settings.outlier_after,
             "How many outliers in a row are needed to be believed; 1: each reading counts at once")
      .at_least(1)
      .at_most(1000);
  app.option("--min-sd", settings.min_sd, "Least standard deviation that readings are compared by").at_least(0);

  app.group("What is sent");
  const auto by_type = [&](const char* name, std::vector<std::string>& target, const char* value, const char* help) {
    app.list(name, target, help).metavar(std::string("TYPE=") + value + ",…");
  };
  by_type("--threshold", settings.types.thresholds, "RATIO",
          "Ratio of change from which on a reading is sent; 0.1 where no rule is named");
  by_type("--every", settings.types.every, "N",
          "Send every N-th reading of a series; 10 where no rule is named; 0: none");
  app.choice("--compare", settings.compare, {{"sent", Compare::sent}, {"previous", Compare::previous}},
             "What --threshold compares with: the last value sent, or the reading before");
  by_type("--deadband", settings.types.deadbands, "BAND",
          "Send what differs from the last value sent by more than this, or by more than a percentage (2%)");
  by_type("--swing", settings.types.swings, "BAND",
          "Send the corners of a swinging door: lines between them pass each processed value within this band");
  by_type("--span", settings.types.spans, "LOW..HIGH", "What a percentage of --deadband and --swing is of");
  app.option("--min-interval", settings.min_interval, "Shortest time between two readings that are sent");
  app.option("--max-interval", settings.max_interval, "Send a reading after this time, however little it differs");
  app.fields("--on-change", settings.on_change, "Fields whose change is sent at once, such as a status or quality");
  app.flag("--with-previous", settings.previous, Previous::too,
           "When a value has changed, also send the reading before it");
  app.flag("--transmit-only", settings.written, Written::sent, "Write only records that are to be sent");

  app.group("Limits");
  app.late(settings.late, "Append late records, older than another of their key, to this file", "do without them");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are rejected");
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<weir::edge_filter::EdgeFilter>(
      argc, argv, "edge-filter", "smooths readings and decides which are worth sending", define_options);
}
