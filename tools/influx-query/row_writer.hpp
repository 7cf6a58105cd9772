// Rows of an answer as records.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir::influx_query {

/// The answer is not what it must be, or reports that the query has failed.
struct AnswerError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A record, without its line break.
struct Row {
  std::string_view line;
  std::optional<Time> time;
  std::string_view wrong{};  ///< why it cannot be used: a reject
};
using OnRow = std::function<void(const Row&)>;

/// Gives each column of a row a name of its own. Taken are `timestamp`, `measurement` and `@ctl`: a further column of a
/// name gets `_1`, as InfluxQL does it.
class ColumnNames {
 public:
  /// The beginning of a member, `"name":`. Throws AnswerError where the name is not UTF-8.
  std::string key(std::string_view name);

 private:
  std::set<std::string, std::less<>> taken_{"timestamp", "measurement", "@ctl"};
};

/// Puts a record together: its time, its measurement, then the columns in their order. Null values are left out.
class RowWriter {
 public:
  explicit RowWriter(OnRow on_row) : on_row_(std::move(on_row)) {}

  void begin();
  void time(Time time) { time_ = time; }
  /// The row has a time that is none, or beyond the years that weir can hold: the row becomes a reject.
  void wrong_time(std::string_view text);
  /// A name as a JSON string.
  void measurement(std::string_view token) { measurement_ = token; }
  /// A key that ColumnNames gave, and a JSON value; `null` adds nothing.
  void member(std::string_view key, std::string_view token);
  void end();

  std::uint64_t rows() const { return rows_; }

 private:
  OnRow on_row_;
  std::optional<Time> time_;
  std::string measurement_, members_, line_, wrong_;
  std::uint64_t rows_ = 0;
};

/// Reads an answer that comes in pieces.
class AnswerReader {
 public:
  explicit AnswerReader(OnRow on_row) : writer_(std::move(on_row)) {}
  virtual ~AnswerReader() = default;
  /// Throws AnswerError; the rows before the error have been given out.
  virtual void feed(std::string_view bytes) = 0;
  /// The answer has ended. Throws AnswerError where that is in the middle of a row.
  virtual void finish() = 0;
  std::uint64_t rows() const { return writer_.rows(); }
  /// Values that JSON has not, NaN and infinity: they become null.
  virtual std::uint64_t not_finite() const { return 0; }

 protected:
  RowWriter writer_;
};

/// An answer may hold a line or chunk of this many bytes; more is not an answer.
inline constexpr std::size_t longest_piece = 32 << 20;

}  // namespace weir::influx_query
