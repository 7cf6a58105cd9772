// The pure stage of thresh-alert.
#pragma once
#include <cstdint>
#include <queue>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "rule.hpp"
#include "rule_state.hpp"
#include "time/timestamp.hpp"

namespace weir::thresh_alert {

/// What comes out.
enum class AlertOutput : std::uint8_t {
  transitions,  ///< a line for each change of an alert
  each,         ///< a line for each record that breaches a rule, without any state
  annotate      ///< every record, with its level
};

/// Whether the level that annotates a record is the alert's or comes from this record alone.
enum class Memory : std::uint8_t { stateful, stateless };

struct ThreshAlertSettings {
  std::vector<Rule> rules;
  std::vector<std::string> by;
  std::string time_field = "timestamp";
  TimeParser time_parser;
  std::string parameter_field = "parameter";
  std::string level_field = "level";
  AlertOutput output = AlertOutput::transitions;
  Memory memory = Memory::stateful;
  Duration lateness{0};  ///< how far the stream may be out of order between keys before a silence counts
  std::size_t max_keys = 1'000'000;
};

/// Evaluates rules over records and tells when alerts begin, change and end.
class ThreshAlert : public Filter {
 public:
  /// Throws RuleError when two rules have one name, and std::invalid_argument on a field path that is none.
  explicit ThreshAlert(ThreshAlertSettings settings);
  ThreshAlert(const ThreshAlert&) = delete;  // rules_ refers into settings_
  ThreshAlert& operator=(const ThreshAlert&) = delete;

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  void state(StateArchive& archive) override {
    archive.saving() ? snapshot(archive.writer()) : restore(archive.reader());
  }
  void snapshot(SnapshotWriter& to) const;
  void restore(SnapshotReader& from);
  std::string summary() const override;

  /// The names of an alert's own members, which a key's field cannot have.
  static bool is_alert_member(std::string_view name);

 private:
  using RuleIndex = std::uint32_t;
  struct Deadline {
    Time time;
    KeyId key;
    RuleIndex rule;
    std::uint32_t generation;  ///< of the key's place: a forgotten key's deadlines mean nothing
    bool operator>(const Deadline& other) const {
      return std::tie(time, key, rule) > std::tie(other.time, other.key, other.rule);
    }
  };
  /// An alert's line on its way out.
  struct Alert {
    RuleIndex rule;
    KeyId key;
    Transition change;
    const Record* record;  ///< nullptr: an absence
  };

  void bind();
  const std::vector<RuleIndex>& applicable(const Record& record);
  Verdict evaluate(const Record& record, const std::vector<RuleIndex>& rules);
  Verdict on_stateless(const Record& record, const std::vector<RuleIndex>& rules, Output& out);
  Verdict on_stateful(const Record& record, const std::vector<RuleIndex>& rules, Output& out);
  bool knows_any(const std::vector<RuleIndex>& rules) const;
  Level breached(RuleIndex rule) const;
  void annotate(const Record& record, std::string_view level, Output& out);
  void advance(Time time, Output& out);
  void notice_silence(RuleIndex rule, KeyId key, Output& out);
  void watch(RuleIndex rule, KeyId key);
  bool may_forget(KeyId key) const;
  std::optional<KeyId> find_key();
  std::size_t place(RuleIndex rule, KeyId key) const { return static_cast<std::size_t>(key) * rules_.size() + rule; }
  RuleState& state(RuleIndex rule, KeyId key) { return states_[place(rule, key)]; }
  const RuleState& state(RuleIndex rule, KeyId key) const { return states_[place(rule, key)]; }
  std::uint32_t& generation(KeyId key) { return generations_[static_cast<std::size_t>(key)]; }

  void write(const Alert& alert, Output& out);
  void write_message(const Alert& alert, std::string_view value, std::string_view threshold, std::string& out) const;
  void default_message(const Alert& alert, std::string_view value, std::string_view threshold, std::string& out) const;
  const expr::Comparison* deciding(const LevelRule& level, const Record& record, bool firing) const;
  void read_key(std::string_view key);
  std::string key_text() const;

  ThreshAlertSettings settings_;
  std::vector<Rule>& rules_ = settings_.rules;
  FieldSet fields_;
  FieldId time_field_{};
  FieldId parameter_field_{};
  FieldId level_field_{};
  TimeParser times_;
  bool has_parameters_ = false;
  std::vector<RuleIndex> always_;                                         ///< rules for every record
  std::unordered_map<std::string, std::vector<RuleIndex>> by_parameter_;  ///< those and the parameter's own
  std::string scratch_;

  /// Of a key in the table: whether its states are its own, or still those of the one before it.
  struct Held {
    bool ready = false;
  };
  GroupKey by_;
  RecordParser key_parser_;  ///< a key's members, for messages
  KeyTable<Held> keys_;
  std::uint64_t forgotten_ = 0;
  std::size_t futile_ = 0;         ///< searches for keys to forget that are left out, after one that found none
  std::vector<RuleState> states_;  ///< a row of rules for each key
  std::vector<std::uint32_t> generations_;  ///< how often each key's place was taken
  std::vector<Seen> seen_;                  ///< of the current record: two levels for each rule
  std::priority_queue<Deadline, std::vector<Deadline>, std::greater<>> deadlines_;
  Time clock_ = Time::min();
  std::string_view key_;  ///< of the current record
  std::string key_members_;
  const Record* key_record_ = nullptr;  ///< of the alert that is being written
  std::string value_scratch_;
  std::string threshold_scratch_;
  std::string message_scratch_;
  Splicer splicer_;

  std::uint64_t late_ = 0;
  std::uint64_t unknown_ = 0;
};

}  // namespace weir::thresh_alert
