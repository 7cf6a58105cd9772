// The pure stage of thresh-alert.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "alert_writer.hpp"
#include "held_records.hpp"
#include "pipeline/late_filter.hpp"
#include "record/group_key.hpp"
#include "record/held_text.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "rule.hpp"
#include "rule_state.hpp"
#include "settings.hpp"
#include "window/due_queue.hpp"

namespace weir::thresh_alert {

/// Evaluates rules over records and writes when alerts begin, change and end.
class ThreshAlert : public LateFilter {
 public:
  /// Throws std::invalid_argument on bad rules (RuleError), a bad path or zone, or names that clash.
  explicit ThreshAlert(const Settings& settings);

  bool passes_lines() const { return settings_.output == AlertOutput::annotate; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;
  std::vector<StageCounter> own_counters() const override { return writer_.own_counters(); }

 private:
  using RuleIndex = std::uint32_t;
  void bind();
  const std::vector<RuleIndex>& applicable(const Record& record);
  void count_unknown(const Record& record, Output& out);
  std::string unknown_cause(const Record& record) const;
  Verdict evaluate(const Record& record, const std::vector<RuleIndex>& rules);
  /// Alerts of a rule with a time may be written later, from a record that is held until then.
  Verdict check_length(const Record& record, const std::vector<RuleIndex>& rules) const {
    for (const RuleIndex rule : rules)
      if (rules_[rule].timed && settings_.output == AlertOutput::transitions)
        return check_held_text("the record", record.line());
    return Verdict::ok();
  }
  Verdict on_stateless(const Record& record, const std::vector<RuleIndex>& rules, Output& out);
  Verdict on_stateful(const Record& record, const std::vector<RuleIndex>& rules, Output& out);
  bool knows_any(const std::vector<RuleIndex>& rules) const;
  Level breached(RuleIndex rule) const;
  void annotate(const Record& record, std::string_view level, Output& out);
  void advance(Time time, Output& out);
  void pass(RuleIndex rule, KeyId key, Output& out);
  void write_change(RuleIndex rule, KeyId key, const Transition& change, Output& out);
  void wait(RuleIndex index, KeyId key, const Record& record);
  bool may_forget(KeyId key) const;
  std::optional<KeyId> find_key();
  bool make_room();
  void renew_states(KeyId key);
  void check_rules(StateArchive& archive) const;
  std::size_t place(RuleIndex rule, KeyId key) const { return static_cast<std::size_t>(key) * rules_.size() + rule; }
  RuleState& rule_state(RuleIndex rule, KeyId key) { return states_[place(rule, key)]; }
  const RuleState& rule_state(RuleIndex rule, KeyId key) const { return states_[place(rule, key)]; }

  Settings settings_;
  std::vector<Rule> rules_;
  FieldId parameter_field_{};
  FieldId level_field_{};
  bool has_parameters_ = false;
  std::vector<RuleIndex> always_;                                         ///< rules for every record
  std::unordered_map<std::string, std::vector<RuleIndex>> by_parameter_;  ///< always_ and the parameter's own rules
  std::string scratch_;

  /// A key of the table; `ready` once it has its own states, not those of a removed key.
  struct Held {
    bool ready = false;
  };
  GroupKey by_;
  AlertWriter writer_;
  KeyTable<Held> keys_;
  std::uint64_t forgotten_ = 0;
  std::size_t searches_to_skip_ = 0;  ///< after a search that found no quiet key
  std::vector<RuleState> states_;     ///< a row of rules for each key
  std::vector<Seen> seen_;            ///< of the current record: two levels for each rule
  DueQueue due_;                      ///< by the place of each state, or an earlier time than it is due
  HeldRecords held_;                  ///< of states that are due to change
  std::optional<RecordParser> held_parser_;
  bool had_watermark_ = false;
  Time now_ = Time::min();  ///< the stream's time
  std::string_view key_;    ///< of the current record
  Splicer splicer_;

  std::uint64_t unknown_ = 0;
  std::uint64_t wrong_type_ = 0;

  // the current record
  const Rule* unknown_rule_ = nullptr;        ///< the first that cannot tell
  const expr::Expression* failed_ = nullptr;  ///< the first condition over a value of the wrong type
  expr::Result failure_;
};

}  // namespace weir::thresh_alert
