// Alerts as lines.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/output.hpp"
#include "pipeline/stage_counter.hpp"
#include "record/group_key.hpp"
#include "record/parser.hpp"
#include "rule_state.hpp"
#include "settings.hpp"

namespace weir::thresh_alert {

/// A change of an alert, to be written.
struct Alert {
  const Rule& rule;
  const Transition& change;
  std::string_view key;
  const Record* record;  ///< nullptr for an absence
};

/// Writes an alert as one line, with its message.
class AlertWriter {
 public:
  AlertWriter(const Settings& settings, const GroupKey& by);

  /// The names of an alert's members, which a field of the key must not have.
  static bool is_member(std::string_view name);

  void write(const Alert& alert, Output& out);
  /// Alerts written by this run, by level and parameter.
  std::vector<StageCounter> own_counters() const;

 private:
  static const expr::Comparison* deciding(const LevelRule& level, const Record& record, bool firing);
  void read_comparison(const Alert& alert);
  void read_key(std::string_view key);
  std::string key_text() const;
  static const MessageTemplate* template_of(const Alert& alert);
  void append_message(const Alert& alert, std::string& out) const;
  bool append_word(const Alert& alert, const std::string& name, std::string& out) const;
  bool append_field(const Alert& alert, const MessageTemplate::Place& place, std::string& out) const;
  void append_default_message(const Alert& alert, std::string& out) const;

  const GroupKey& by_;
  std::vector<std::string> by_paths_;
  std::string parameter_field_;
  RecordParser key_parser_;
  std::map<std::pair<const Rule*, Level>, std::uint64_t> triggered_;

  // State of the current alert.
  std::string key_members_;
  const Record* key_record_ = nullptr;  ///< the key's members; nullptr without --by
  std::string value_;                   ///< a token, or `null`
  std::string threshold_;
  std::string message_;
};

}  // namespace weir::thresh_alert
