// Which rows have been written, where the same span of time is asked for again and again.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::influx_query {

/// Remembers the rows of the last `lateness` before the newest one. Each answer begins there, so a row that reaches the
/// server late is found as long as it is not older.
class SeenRows {
 public:
  /// At most `most` rows are remembered.
  SeenRows(Duration lateness, std::uint64_t most) : lateness_(lateness), most_(most) {}

  /// An answer for rows from `since` on begins, at `now`: a row in the future does not move the span.
  void begin_answer(Time since, Time now);

  /// The id of a row that is new; nothing for one that was written. Rows that are equal in all columns are told apart
  /// by their number in the answer. Throws AnswerError for rows out of order, and for more rows than can be remembered.
  std::optional<std::uint64_t> take(Time time, std::string_view line);

  /// A row that an earlier run has written.
  void add(Time time, std::uint64_t id);

  /// Where the next answer begins; nothing before the first row.
  std::optional<Time> from() const;

  void state(StateArchive& archive);

 private:
  using Key = std::pair<Time, std::uint64_t>;
  void advance(Time time);

  Duration lateness_;
  std::uint64_t most_;
  Time since_{}, now_{};
  std::optional<Time> newest_;
  std::set<Key> seen_;
  std::set<Key> answer_;  ///< those of the answer under way
};

}  // namespace weir::influx_query
