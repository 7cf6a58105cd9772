// An answer as lines, however its bytes are cut into pieces.
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "row_writer.hpp"

namespace weir::influx_query {

class AnswerLines {
 public:
  /// `what` is a line's name in a message.
  explicit AnswerLines(std::string_view what) : what_(what) {}

  /// Calls `each(line)` for every line that is whole now. Throws AnswerError where one is longer than longest_piece.
  template <typename Each>
  void feed(std::string_view bytes, Each each) {
    for (;;) {
      const std::size_t end = bytes.find('\n');
      pending_ += bytes.substr(0, end);
      if (pending_.size() > longest_piece)
        throw AnswerError(fmt::format("a {} of the answer is longer than {} bytes", what_, longest_piece));
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
      each(std::string_view(pending_));
      pending_.clear();
    }
  }
  /// The last line may have no end.
  template <typename Each>
  void finish(Each each) {
    each(std::string_view(pending_));
    pending_.clear();
  }

 private:
  std::string_view what_;
  std::string pending_;
};

}  // namespace weir::influx_query
