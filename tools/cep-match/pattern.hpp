// A pattern as a tree, which both forms of writing one give.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "time/time_types.hpp"

namespace weir::cep_match {

/// A set of variables, a bit each.
using Labels = std::uint64_t;
inline constexpr std::size_t max_labels = 64;
inline constexpr Labels all_labels = ~Labels{0};

/// The variables of a pattern, by their index.
class Variables {
 public:
  /// Whether `A` and `a` are the same name, as in SQL.
  explicit Variables(bool fold_case) : fold_case_(fold_case) {}

  /// The index of a variable, which is added. Throws std::invalid_argument beyond max_labels, or where a union has the
  /// name.
  std::uint32_t add(std::string_view name);
  std::optional<std::uint32_t> find(std::string_view name) const;
  /// The variables of a name: one, or those of a union.
  std::optional<Labels> labels(std::string_view name) const;
  /// Adds a union of variables (SUBSET). Throws std::invalid_argument where the name is taken.
  void add_union(std::string_view name, Labels labels);

  std::size_t size() const { return names_.size(); }
  const std::string& name(std::uint32_t label) const { return names_[label]; }

 private:
  struct Union {
    std::string name;
    Labels labels;
  };
  bool same(std::string_view a, std::string_view b) const;

  bool fold_case_;
  std::vector<std::string> names_;
  std::vector<Union> unions_;
};

/// How a step follows the one before it.
enum class Link : std::uint8_t {
  next,  ///< its record is the very next of the key
  then   ///< records between that fit no step that may come next are passed over
};

/// Which of two ways is tried first.
enum class Greed : std::uint8_t { greedy, reluctant };

struct Pattern {
  enum class Kind : std::uint8_t { empty, label, sequence, alternation, repeat, start, end, exclusion, absence };

  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::empty;
  std::uint32_t label = 0;         ///< of Kind::label
  std::vector<Pattern> parts;      ///< of a sequence and an alternation; one of a repeat and an exclusion
  Link link = Link::next;          ///< of a part of a sequence: to the part before it
  std::uint32_t least = 0;         ///< of a repeat
  std::uint32_t most = unlimited;  ///< of a repeat
  Greed greed = Greed::greedy;
  Labels absent{};                   ///< of an absence: no record of these
  std::optional<Duration> duration;  ///< of an absence: for how long; none: up to the next step

  static Pattern of(Kind kind) {
    Pattern made;
    made.kind = kind;
    return made;
  }
  /// Whether it can match no record.
  bool may_be_empty() const;
  /// How many parts it has, itself included; repeats count once.
  std::size_t size() const;
};

/// The most parts of a pattern, and the most steps of its program.
inline constexpr std::size_t max_pattern = 20'000;

/// Throws std::invalid_argument: the pattern is too large.
[[noreturn]] void fail_too_large();

/// What both forms are read to.
struct PatternSettings {
  Pattern pattern;
  std::optional<Duration> within;  ///< from the first record to the last
  std::optional<Duration> gap;     ///< from each record to the next
  Labels absent_before{};          ///< no record of these ...
  Duration before{};               ///< ... for so long before the first
};

/// Reads a line such as `a then b+ within 10m`, adding its names to `variables`. Throws expr::SyntaxError, or
/// std::invalid_argument on too many variables.
PatternSettings read_line_pattern(std::string_view text, Variables& variables);

/// Reads the pattern of MATCH_RECOGNIZE that begins at `position`, which moves to what follows it. Throws as above.
Pattern read_sql_pattern(std::string_view text, std::size_t& position, Variables& variables);

}  // namespace weir::cep_match
