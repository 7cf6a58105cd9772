// The pure stage of anomaly-score.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "joint.hpp"
#include "models.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/number_fields.hpp"
#include "plan.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "record/time_field.hpp"
#include "series.hpp"
#include "settings.hpp"

namespace weir::anomaly_score {

/// Passes each record on with a score of how unusual its values are, and what was expected.
class AnomalyScore : public Filter {
 public:
  /// Throws std::invalid_argument on a bad path or zone, and on settings that do not go together.
  explicit AnomalyScore(const Settings& settings);

  bool passes_lines() const { return true; }
  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<std::string> side_files() const override { return {settings_.late.path()}; }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  struct KeyState {
    std::vector<Series> series;    ///< one per field
    std::unique_ptr<Joint> joint;  ///< of a method that takes all fields together
    void state(StateArchive& archive) { archive.values(series, joint); }
  };
  Finding judge(Time time, KeyState& state, bool& late);
  Finding judge_joint(Time time, KeyState& state, std::string_view key, bool& late);
  void write(const Record& record, const Finding& finding, const Baseline* baseline, Output& out);
  void set_number(const Record& record, std::size_t member, double value);
  void make_reason(const Finding& finding);

  Settings settings_;
  Plan plan_;
  TimeField time_;
  GroupKey group_;
  NumberFields values_;
  std::vector<FieldId> added_;  ///< the members that a record may have already, in the order of member_names
  KeyTable<KeyState> keys_;
  std::optional<Models> models_;
  std::uint64_t models_hash_ = 0;
  std::vector<double> row_;
  Splicer splicer_;
  std::string token_;
  std::uint64_t late_ = 0;
  std::uint64_t alerts_ = 0;
};

}  // namespace weir::anomaly_score
