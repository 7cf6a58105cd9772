// Markers: records that a command of a whole run passes on, which tell that all before them has been written.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "record/parser.hpp"

namespace weir::pipe_via {

/// The lines `{"@via":"SECRET-N"}`. The secret is the run's own, so that no record can be taken for a marker.
class MarkerFormat {
 public:
  explicit MarkerFormat(std::string_view secret);

  /// Appends the marker of a number and a newline.
  void append(std::string& out, std::uint64_t number) const;
  /// The number of a line that is a marker, in any JSON spelling; else nothing.
  std::optional<std::uint64_t> number_in(std::string_view line);

 private:
  std::string prefix_;
  FieldSet fields_;
  std::optional<RecordParser> parser_;
};

/// The markers that a command has been given and has not passed on yet, each in the place of a control line.
class Markers {
 public:
  using Clock = std::chrono::steady_clock;

  bool empty() const { return awaited_.empty(); }
  std::size_t count() const { return awaited_.size(); }

  /// The number of a new marker in the place of `control`, which may be empty.
  std::uint64_t add(std::string_view control, Clock::time_point now);
  /// The control line of a marker that the command has passed on, or an empty one. Throws std::runtime_error unless it
  /// is the first of those awaited.
  std::string pass(std::uint64_t number);
  /// The number of the first one awaited; there must be one.
  std::uint64_t first() const { return awaited_.front().number; }
  /// Gives up: returns the control lines of all, whole lines, and awaits none.
  std::string drop_all();

  /// The command has read or written something.
  void note_move(Clock::time_point now) { last_move_ = now; }
  Clock::time_point last_move() const { return last_move_; }

 private:
  struct Awaited {
    std::uint64_t number;
    std::string control;
  };
  std::deque<Awaited> awaited_;
  std::uint64_t last_number_ = 0;
  Clock::time_point last_move_{};
};

}  // namespace weir::pipe_via
