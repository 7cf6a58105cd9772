// Rules: when an alert fires, and when it is over.
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

/// How bad it is; of several the greatest counts.
enum class Level : std::uint8_t { ok, warning, critical, absent };

std::string_view name_of(Level level);

/// A rule that cannot be used, in words for its author.
class RuleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// M of N: so many breaching records among the last so many.
struct Share {
  std::uint32_t needed = 1;
  std::uint32_t among = 1;  ///< at most 64
};

/// One level of a rule.
struct LevelRule {
  Level level = Level::warning;
  expr::Expression when;
  std::optional<expr::Expression> clear;  ///< what ends it; without one it ends when it no longer holds
  Duration hold{0};                       ///< `for`: how long it has to hold
  Share share;
};

struct Rule {
  std::string name;
  std::vector<LevelRule> levels;         ///< warning before critical; none: absence alone
  std::optional<Duration> absent;        ///< longest silence of a key
  Duration cooldown{0};                  ///< shortest time from one firing to the next
  std::optional<std::string> parameter;  ///< only for records whose parameter this is
  std::optional<MessageTemplate> message;
  std::optional<MessageTemplate> message_resolved;
  std::optional<MessageTemplate> message_absent;

  /// The level's own part; nullptr for ok and absent.
  const LevelRule* at(Level level) const;
};

/// What may stand behind a condition, as it was given.
struct Clauses {
  std::optional<Duration> hold;
  std::optional<Share> share;
  std::optional<std::string> clear;  ///< a condition, or a comparison without its left side
  std::optional<Duration> absent;
  std::optional<Duration> cooldown;
  std::optional<Level> level;

  /// What is not given here is taken from there.
  void fill_from(const Clauses& defaults);
};

/// A rule's text, read: `NAME: CONDITION for 5m clear <= 33 …` or `absent for 10m …`.
struct RuleText {
  std::string name;  ///< as given, else empty
  std::optional<expr::Expression> when;
  Clauses clauses;
  std::string text;  ///< of the condition, or `absent for …`
};

/// Throws RuleError (expr::SyntaxError's words).
RuleText parse_rule_text(std::string_view text);

/// `3 of 5`. Throws RuleError.
Share parse_share(std::string_view text);

/// A level from its parts. Throws RuleError when the clear condition cannot be read.
LevelRule make_level(Level level, expr::Expression when, const Clauses& clauses);

/// A rule of one text (`--rule`). What it does not say itself is taken from `defaults`. Throws RuleError.
Rule make_rule(std::string_view text, const Clauses& defaults);

/// A rule of two levels (`--warn`, `--crit`); an empty text is a level that there is not. Throws RuleError.
Rule make_rule(std::string_view warning, std::string_view critical, const Clauses& defaults);

/// The rules of a command line.
struct RuleOptions {
  std::vector<std::string> rules;
  std::string warning;
  std::string critical;
  std::string name;     ///< of the rule of the two levels
  std::string message;  ///< a template, for all of them
  Clauses defaults;     ///< for whatever a rule does not say itself; `absent` alone is a rule
};

/// Throws RuleError, also on a message that is no template.
std::vector<Rule> make_rules(const RuleOptions& options);

/// A field's path as an expression spells it, with backticks where they are needed. Throws RuleError on an empty part.
std::string spell_field(std::string_view path);

}  // namespace weir::thresh_alert
