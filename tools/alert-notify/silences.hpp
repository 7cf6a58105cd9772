// Silences: alerts that nobody is told of for a while.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert.hpp"
#include "expr/expression.hpp"

namespace weir::alert_notify {

/// A list of silences, from a file in TOML: `[[silence]]` with match, from, until and comment.
class Silences {
 public:
  Silences() = default;
  /// Throws ConfigError with the line.
  static Silences read(const std::string& path, std::string_view text);

  /// The end of the silence that covers an alert at its time; Time::max() where it has none, nothing where none covers
  /// it. An alert without a time is covered by silences without times.
  std::optional<Time> covers(const Alert& alert) const;

  bool empty() const { return list_.empty(); }

 private:
  struct Silence {
    std::optional<expr::Expression> match;
    Time from = Time::min();
    Time until = Time::max();
  };
  std::vector<Silence> list_;
  std::shared_ptr<FieldSet> fields_;
  std::shared_ptr<RecordParser> parser_;
};

}  // namespace weir::alert_notify
