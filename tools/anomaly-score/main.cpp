// anomaly-score: scores how unusual the values of each key are.
#include "anomaly_score.hpp"
#include "cli/time_options.hpp"
#include "model_options.hpp"
#include "pipeline/filter_main.hpp"

namespace {

using namespace weir;
using namespace weir::anomaly_score;

void define_options(cli::App& app, Settings& settings) {
  app.example("anomaly-score --by city --field temperature_c --min-samples 24 readings.ndjson",
              "Each reading with a score, and what was expected for its city at this hour of the day");
  app.example(
      "anomaly-score --by meter --field kw --form running --min-samples 10 --late drop meters.ndjson | "
      "jq -c 'select(.score >= 0.5)'",
      "Readings of a meter that are more than three standard deviations from its mean");
  app.example(
      "anomaly-score --by city --field temperature_c --min-samples 24 readings.ndjson | thresh-alert --by city --rule "
      "'score >= 0.5'",
      "Alerts from scores");
  app.group("Scores");
  app.list("--by", settings.by, "Fields that make the key; each key is scored by its own history").metavar("FIELD,…");
  app.list("--field", settings.fields, "Fields that are scored; a record has the score of the strangest one")
      .metavar("FIELD,…")
      .required();
  app.choice("--method", settings.method,
             {{"z", Method::z},
              {"novelty", Method::novelty},
              {"rcf", Method::rcf},
              {"iforest", Method::iforest},
              {"svm", Method::svm},
              {"pca", Method::pca},
              {"ensemble", Method::ensemble}},
             "How far a value is from what is expected; how far the last values are from all earlier ones; how soon "
             "random cuts set all fields apart, of a forest that learns or of a trained one; how far all fields are "
             "outside of a trained region, or from trained principal components; z and novelty together");
  app.choice("--form", settings.form,
             {{"running", Form::running}, {"robust", Form::robust}, {"seasonal", Form::seasonal}},
             "What z expects: the mean of all, a mean that forgets, or one for each slot of the season");
  app.option("--season", settings.season, "Length of the season");
  app.option("--slots", settings.slots, "Slots of a season, each with a mean of its own").at_least(1).at_most(10'000);
  app.option("--half-life", settings.half_life, "Records after which a value counts half").metavar("N");
  app.option("--smooth", settings.smooth, "Score the mean of the last N values; 16 in the ensemble")
      .at_least(1)
      .at_most(10'000);
  app.option("--window", settings.window, "Last values that novelty and rcf look at")
      .at_least(1)
      .at_most(256)
      .default_text("8; 4 of rcf");
  app.option("--memory", settings.memory, "Earlier runs held for each key and field, for novelty")
      .at_least(8)
      .at_most(100'000);
  app.group("Limits");
  app.option("--limit", settings.limit,
             "Strength that scores 0.5: deviations of z, times the usual distance of novelty, a factor of the "
             "limits of svm, pca and the ensemble")
      .metavar("X")
      .default_text("3 with --form running, 4 with others, 3 for novelty, 1 for svm, pca and the ensemble");
  app.option("--rate", settings.rate, "Learn the limit instead: the share of values that may pass it, such as 1e-4")
      .metavar("Q");
  app.option("--floor", settings.floor, "Least standard deviation that counts")
      .metavar("X")
      .default_text("0.1 with --form running, otherwise one unit of the values' last digit");
  app.option("--min-samples", settings.min_samples, "Values of a series that are learned before one is scored")
      .at_least(2)
      .at_most(1e9);
  app.option("--hold", settings.hold, "Records, or a time, after an alert in which no other score reaches 0.5")
      .metavar("N|DURATION")
      .default_text("0; 116 for the ensemble");
  app.option("--escalate", settings.escalate, "Factor by which an alert raises the limit of what raised it")
      .metavar("FACTOR")
      .default_text("1; 1.55 for the ensemble");
  app.option("--settle", settings.settle, "Records after which half of that has worn off").at_least(1).at_most(1e9);
  app.group("Learning");
  app.option("--no-learn-above", settings.no_learn_above, "Do not learn values with a higher score").metavar("SCORE");
  app.option("--relearn", settings.relearn, "Values in a row that are not learned, after which they are after all")
      .at_least(1)
      .at_most(1e9);
  app.option("--gap", settings.gap, "Silence after which the last values no longer belong to the next ones")
      .default_text("20 times the usual step");
  app.group("Forests and trained models");
  app.option("--trees", settings.trees, "Trees of a forest")
      .at_least(1)
      .at_most(1000)
      .default_text("20 of rcf, 100 of iforest");
  app.option("--samples", settings.samples,
             "Records that a tree is made of; most records that svm is trained on, taken by chance")
      .at_least(2)
      .at_most(65'536)
      .default_text("128 of rcf, 256 of iforest, 2000 of svm");
  app.option("--seed", settings.seed, "Seed of the random cuts, and of what is taken by chance");
  app.option("--model", settings.model,
             "Trained models of iforest, svm or pca: a file, or a file for each key: `models/{device}`")
      .file();
  app.option("--train", settings.train, "Train on the records of this file, write the models to --model, and end")
      .file()
      .may_change();
  app.option("--contamination", settings.contamination,
             "With --train: the share of the records that are anomalies; without it the method has its own limit")
      .metavar("SHARE")
      .may_change();
  app.option("--nu", settings.nu, "svm, with --train: the most records outside of the region")
      .metavar("SHARE")
      .default_text("--contamination, otherwise 0.01")
      .may_change();
  app.option("--gamma", settings.gamma,
             "svm, with --train: how soon a record's part of the region ends: exp(-gamma distance^2)")
      .metavar("X")
      .default_text("1 / the number of fields")
      .may_change();
  app.option("--variance", settings.variance, "pca, with --train: the share of the variance that the components keep")
      .metavar("SHARE")
      .default_text("0.9")
      .may_change();
  app.group("Records");
  app.flag("--stats", settings.statistics, "With --form running: also add mean, std and count, the value included");
  app.late(settings.late, "Append late records, older than another of their key, to this file too", "only write them");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are rejected");
  cli::define_event_time(app, settings.time);
}

}  // namespace

int main(int argc, char** argv) {
  return weir::filter_main<AnomalyScore>(argc, argv, "anomaly-score", "scores how unusual the values of each key are",
                                         define_options, read_models, nullptr, train);
}
