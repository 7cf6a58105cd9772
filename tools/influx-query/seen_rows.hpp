// Which rows have been written, where the same span of time is asked for again and again.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::influx_query {

/// Remembers the rows of the last `lateness` before the newest one that was written. Each answer begins there, so a row
/// that reaches the server late is found as long as it is not older. The server shows a point field by field, and a
/// batch series by series, while it is being written: so a row is written once it has stayed the same for `settle`, and
/// those before it have.
class SeenRows {
 public:
  using clock = std::chrono::steady_clock;
  struct Settings {
    Duration lateness = std::chrono::minutes(1);
    Duration settle = std::chrono::milliseconds(500);
    std::uint64_t most = 1'000'000;  ///< rows that are remembered
  };
  /// Takes the id and the record of a row that is to be written.
  using Write = std::function<void(std::uint64_t id, std::string_view line)>;

  SeenRows(const Settings& settings, Write write) : settings_(settings), write_(std::move(write)) {}

  /// An answer for rows from `since` on has been asked for at `asked`, when it was `now`: a row in the future does not
  /// move the span.
  void begin_answer(Time since, Time now, clock::time_point asked);

  /// A row of the answer, seen at `seen`. Rows that are equal in all columns are told apart by their number in the
  /// answer. Throws AnswerError for rows out of order, and for more rows than can be remembered.
  void take(Time time, std::string_view line, clock::time_point seen);

  /// The answer is whole.
  void end_answer();

  /// Rows have been seen and not written yet.
  bool waits() const { return !candidates_.empty(); }

  /// A row that an earlier run has written.
  void add(Time time, std::uint64_t id);

  /// Where the next answer begins; nothing before the first row.
  std::optional<Time> from() const;

  void state(StateArchive& archive);

 private:
  using Key = std::pair<Time, std::uint64_t>;
  struct Held {
    std::string line;
    clock::time_point first_seen;
  };
  bool may_write(bool known, clock::duration stood);
  void write(const Key& key, std::string_view line);
  void write_oldest();
  void advance(Time time);

  Settings settings_;
  Write write_;
  Time since_{}, now_{};
  clock::time_point asked_{};
  bool older_waits_ = false;  ///< a row of the answer under way has not stood for long enough
  std::optional<Time> newest_;
  std::set<Key> seen_;                           ///< written
  std::set<Key> answer_;                         ///< those of the answer under way
  std::map<Key, Held> held_;                     ///< of them, not written
  std::map<Key, clock::time_point> candidates_;  ///< of the last whole answer, not written
};

}  // namespace weir::influx_query
