// The settings of thresh-alert, as its options give them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "record/counted.hpp"
#include "record/time_field.hpp"
#include "rule.hpp"

namespace weir::thresh_alert {

/// The output: a line for each change of an alert, or every record with its level.
enum class AlertOutput : std::uint8_t { transitions, annotate };

/// Whether alerts have state, or each record that breaches a rule is its own alert.
enum class Memory : std::uint8_t { stateful, stateless };

struct Settings {
  RuleOptions rules;
  std::string rules_file;  ///< the path of the rules file, for messages
  std::string rules_text;  ///< its content
  std::vector<std::string> by;
  TimeSettings time;
  std::string parameter_field = "parameter";
  std::string value_field = "value";
  std::string level_field = "level";
  AlertOutput output = AlertOutput::transitions;
  Memory memory = Memory::stateful;
  Duration lateness{0};  ///< how far keys may be out of order before a silence counts
  LateOption late;       ///< where late records go
  std::uint64_t max_keys = 1'000'000;
  bool strict = false;  ///< a value of the wrong type rejects its record
};

}  // namespace weir::thresh_alert
