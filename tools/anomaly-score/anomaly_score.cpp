#include "anomaly_score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/value_checks.hpp"
#include "scaling.hpp"
#include "state/random.hpp"
#include "time/saturating.hpp"

namespace weir::anomaly_score {
namespace {

enum Added : std::size_t { score, expected, low, high, reason, mean, std_, count, added_count };
constexpr std::array<const char*, added_count> member_names{"score",  "expected", "low", "high",
                                                            "reason", "mean",     "std", "count"};

/// Four decimals, or of small and great numbers those of a float.
double rounded(double value) {
  const double amount = std::fabs(value);
  if (amount >= 0.1 && amount < 1e9) return std::round(value * 1e4) / 1e4;
  return std::fabs(value) < 3e38 ? static_cast<double>(static_cast<float>(value)) : value;
}

/// Four decimals, rounded down, so that nothing below the limit is written as 0.5.
void append_score(std::string& out, double score) {
  const auto parts = static_cast<unsigned>(std::min(score, 0.9999) * 10000);
  out += {'0',
          '.',
          static_cast<char>('0' + parts / 1000),
          static_cast<char>('0' + parts / 100 % 10),
          static_cast<char>('0' + parts / 10 % 10),
          static_cast<char>('0' + parts % 10)};
}

}  // namespace

AnomalyScore::AnomalyScore(const Settings& settings)
    : settings_(settings),
      plan_(settings),
      time_(settings.time, fields_),
      group_(settings.by, fields_),
      values_(settings.fields, fields_, settings.strict, {NumberFields::greatest_for_squares, "to be scored"}),
      keys_(settings.max_keys) {
  if (settings.statistics && (plan_.form != Form::running || settings.method != Method::z || values_.size() != 1))
    throw std::invalid_argument("--stats needs --method z, --form running and one field");
  for (std::size_t i = 0; i < (settings.statistics ? added_count : mean); ++i) {
    for (const auto& taken : {values_.names(), group_.names()})
      if (std::find(taken.begin(), taken.end(), member_names[i]) != taken.end())
        throw std::invalid_argument(
            fmt::format("'{}' is a field that is added: rename the one of the records first", member_names[i]));
    added_.push_back(fields_.add(member_names[i]));
  }
  if (is_trained(settings.method) && settings.train.empty()) {
    models_.emplace(settings);
    for (const ModelFile& file : settings.model_files) models_hash_ = Random(file.text, models_hash_).next();
    settings_.model_files.clear();
  }
}

Verdict AnomalyScore::on_record(const Record& record, Output& out) {
  Time time;
  if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
  std::string_view key;
  KeyId id{};
  if (Verdict verdict = values_.read(record, group_, keys_, key, id); verdict.rejected()) return verdict;
  values_.accept(out);
  bool late = false;
  Finding worst;
  if (!values_.readings().empty())
    worst = plan_.is_joint ? judge_joint(time, keys_[id], key, late) : judge(time, keys_[id], late);
  splicer_.begin(record);
  if (late) {
    if (++late_ == 1)
      out.messages.push_back({"late: older than another record of its key, and not scored", settings_.late.weight()});
    append_line(out.side(0), record.line());
  }
  if (worst.score >= 0.5) ++alerts_;
  token_.clear();
  if (values_.readings().empty())
    token_ = "null";
  else if (late && std::isnan(worst.score))
    token_ = "\"late\"";
  else
    make_reason(worst);
  write(record, worst,
        late || values_.readings().empty() || keys_[id].series.empty() ? nullptr : &keys_[id].series[0].baseline(),
        out);
  return Verdict::ok();
}

/// Each field by its own history: the finding of the strangest one.
Finding AnomalyScore::judge(Time time, KeyState& state, bool& late) {
  Finding worst;
  if (state.series.empty()) state.series.resize(values_.size());
  for (const NumberFields::Reading& reading : values_.readings()) {
    Series& series = state.series[reading.field];
    if (time < series.newest()) {
      late = true;
      continue;
    }
    const Finding finding = series.observe(plan_, time, reading.value, plan_.floor < 0 ? unit_of(reading.raw) : 0);
    if (std::isnan(worst.score) || finding.score > worst.score) {
      worst = finding;
      worst.field = reading.field;
    }
  }
  return worst;
}

/// All fields together. A record in which one is missing has no score.
Finding AnomalyScore::judge_joint(Time time, KeyState& state, std::string_view key, bool& late) {
  Finding finding;
  finding.cause = Cause::none;
  if (!state.joint) state.joint = std::make_unique<Joint>();
  late = time < state.joint->newest();
  if (late || values_.readings().size() < values_.size()) return finding;
  row_.clear();
  for (const NumberFields::Reading& reading : values_.readings()) row_.push_back(reading.value);
  return models_ ? state.joint->judge(plan_, time, row_, models_->find(key)) : state.joint->cut(plan_, time, row_, key);
}

/// Sets token_ to a sentence on why the score is what it is; null where there is nothing to tell.
void AnomalyScore::make_reason(const Finding& finding) {
  const auto strong = [&](const char* text) {
    std::string sentence;
    fmt::format_to(std::back_inserter(sentence), fmt::runtime(text), values_.names()[finding.field], finding.strength,
                   plan_.level_values, plan_.window);
    append_json_string(token_, sentence);
  };
  switch (finding.cause) {
    case Cause::none:
      token_ = "null";
      break;
    case Cause::learning:
      token_ = "\"learning\"";
      break;
    case Cause::untrained:
      token_ = "\"no model for this key\"";
      break;
    case Cause::isolated:
      token_ = "\"the values are set apart by few random cuts\"";
      break;
    case Cause::outside:
      token_ = "\"the values are outside of the region of usual records\"";
      break;
    case Cause::far:
      strong("the fields are together {1:.3g} times the limit of T2 from their means, {0} has most part in it");
      break;
    case Cause::apart:
      strong(
          "the fields do not go together, by {1:.3g} times the limit of Q: {0} is furthest from what the others tell");
      break;
    case Cause::above:
      strong("{0} is {1:.3g} deviations above what is expected");
      break;
    case Cause::below:
      strong("{0} is {1:.3g} deviations below what is expected");
      break;
    case Cause::high:
      strong("the mean of the last {2} values of {0} is {1:.3g} deviations above what is expected");
      break;
    case Cause::low:
      strong("the mean of the last {2} values of {0} is {1:.3g} deviations below what is expected");
      break;
    case Cause::shape:
      strong("the last {3} values of {0} are {1:.3g} times as far from all earlier ones as usual");
      break;
    case Cause::held:
      token_ = "\"held after an alert\"";
      break;
  }
}

void AnomalyScore::set_number(const Record& record, std::size_t member, double value) {
  token_.clear();
  if (std::isnan(value))
    token_ = "null";
  else
    append_number(token_, rounded(value));
  splicer_.set(record[added_[member]], member_names[member], token_);
}

void AnomalyScore::write(const Record& record, const Finding& finding, const Baseline* baseline, Output& out) {
  const std::string reason_token = token_;
  token_.clear();
  if (std::isnan(finding.score))
    token_ = "null";
  else
    append_score(token_, finding.score);
  splicer_.set(record[added_[score]], member_names[score], token_);
  set_number(record, expected, finding.expected);
  set_number(record, low, finding.low);
  set_number(record, high, finding.high);
  splicer_.set(record[added_[reason]], member_names[reason], reason_token);
  if (settings_.statistics && baseline != nullptr) {
    set_number(record, mean, baseline->mean());
    set_number(record, std_, baseline->running_deviation());
    set_number(record, count, static_cast<double>(baseline->count()));
  }
  splicer_.write(out.lines);
}

void AnomalyScore::state(StateArchive& archive) {
  std::uint64_t saved = models_hash_;
  archive.value(saved);
  if (saved != models_hash_)
    throw SnapshotError("the state is that of other models; start with the same ones, or with a new state folder");
  archive.values(keys_, values_, late_, alerts_);
}

std::vector<NamedField> AnomalyScore::named_fields() const {
  return NumberFields::named_fields(settings_.fields, settings_.by);
}

CountReport AnomalyScore::counts() const {
  CountReport report;
  report.add(alerts_, "record", "scored 0.5 or more", Weight::work);
  report.add_late_written(late_, "late record", "older than another of their key: written, not scored", settings_.late);
  values_.add_to(report);
  return report;
}

}  // namespace weir::anomaly_score
