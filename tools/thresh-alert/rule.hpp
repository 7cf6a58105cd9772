// Rules: when an alert fires, and when it is resolved.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.hpp"
#include "message.hpp"
#include "time/time_types.hpp"

namespace weir::thresh_alert {

/// The level of an alert; of several levels the greatest counts.
enum class Level : std::uint8_t { ok, warning, critical, absent };

std::string_view name_of(Level level);

/// A rule that cannot be used.
class RuleError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// M of N: the number of breaching records needed among the last records.
struct Share {
  std::uint32_t needed = 1;
  std::uint32_t among = 1;  ///< at most 64
};

/// One level of a rule.
struct LevelRule {
  Level level = Level::warning;
  expr::Expression when;
  std::optional<expr::Expression>
      clear{};                       ///< the condition that ends the alert; empty: it ends when `when` does not hold
  Duration hold{0};                  ///< `for`: how long `when` must hold
  Duration clear_hold{0};            ///< `clear … for`: how long that condition must hold
  Duration keep{0};                  ///< shortest time from the last record that kept it active to its end
  std::optional<Duration> expire{};  ///< how long a record counts
  Share share{};
};

struct Rule {
  std::string name;
  std::vector<LevelRule> levels;         ///< warning before critical; empty: absence alone
  std::optional<Duration> absent;        ///< longest silence of a key
  Duration cooldown{0};                  ///< shortest time from one firing to the next
  bool timed = false;                    ///< time alone can change its state
  std::optional<std::string> parameter;  ///< only for records with this parameter
  std::optional<MessageTemplate> message;
  std::optional<MessageTemplate> message_resolved;
  std::optional<MessageTemplate> message_absent;

  /// The rule of a level; nullptr for ok and absent.
  const LevelRule* at(Level level) const;
};

/// The clauses after a condition.
struct Clauses {
  std::optional<Duration> hold;
  std::optional<Share> share;
  std::optional<std::string> clear;  ///< a condition, or a comparison without its left side; perhaps with `for`
  std::optional<Duration> keep;
  std::optional<Duration> expire;
  std::optional<Duration> absent;
  std::optional<Duration> cooldown;
  std::optional<Level> level;

  /// Takes missing clauses from `defaults`.
  void fill_from(const Clauses& defaults);
};

/// A rule read from its text: `NAME: CONDITION for 5m clear <= 33 …` or `absent for 10m …`.
struct RuleText {
  std::string name;  ///< as given; may be empty
  std::optional<expr::Expression> when;
  Clauses clauses;
  std::string text;  ///< text of the condition, or `absent for …`
};

/// Throws RuleError with the text of expr::SyntaxError.
RuleText parse_rule_text(std::string_view text);

/// `3 of 5`. Throws RuleError.
Share parse_share(std::string_view text);

/// A level from its parts. Throws RuleError when the clear condition cannot be read.
LevelRule make_level(Level level, expr::Expression when, const Clauses& clauses);

/// A rule of one text (`--rule`), with `defaults` for missing clauses. Throws RuleError.
Rule make_rule(std::string_view text, const Clauses& defaults);

/// A rule of two levels (`--warn`, `--crit`), either of which may be empty. Throws RuleError.
Rule make_rule(std::string_view warning, std::string_view critical, const Clauses& defaults);

/// The rules of a command line.
struct RuleOptions {
  std::vector<std::string> rules;
  std::string warning;
  std::string critical;
  std::string name;     ///< name of the rule of two levels
  std::string message;  ///< a template for all rules
  std::string share;    ///< `M of N`, the default for all rules
  Clauses defaults;     ///< defaults for missing clauses; `absent` alone is a rule
};

/// Throws RuleError, also on a message that is not a template.
std::vector<Rule> make_rules(const RuleOptions& options);

/// A field's path as an expression has it, with backticks where needed. Throws RuleError on an empty part.
std::string spell_field(std::string_view path);

}  // namespace weir::thresh_alert
