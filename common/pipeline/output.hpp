// What a stage writes into.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "record/counted.hpp"

namespace weir {

/// A message on the record that a stage was given last.
struct RecordMessage {
  std::string text;
  Weight weight = Weight::noted;
};

/// Whole lines on their way out, as bytes in memory; the run writes them to standard output and the side files, in
/// large blocks under load and at once when input pauses. A stage only appends (record/object_writer.hpp).
struct Output {
  std::string lines;                 ///< standard output
  std::vector<std::string> sides{};  ///< side files, such as --late, in the order in which the tool's main named them
  /// Takes away what has been appended to `lines`, for a stage that appends more than a block in one call; may be
  /// empty.
  std::function<void()> drain{};
  /// A source's next() appends no more lines than this: so many are left of its epoch (--checkpoint-records).
  std::uint64_t wanted = std::numeric_limits<std::uint64_t>::max();

  /// Results were appended that are waited for, such as rows of windows and alerts. With checkpoints the run asks for
  /// an early end of the epoch, and clears this.
  bool released = false;

  /// The run reports these with the record's line: a stage adds one when it leaves something out for the first time.
  std::vector<RecordMessage> messages{};

  /// The text of a side file, to append to. What is written to one without a path is dropped.
  std::string& side(std::size_t index) {
    if (sides.size() <= index) sides.resize(index + 1);
    return sides[index];
  }
};

/// Appends a line and its end.
inline void append_line(std::string& to, std::string_view line) {
  to += line;
  to += '\n';
}

}  // namespace weir
