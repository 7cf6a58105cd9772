// Blocks of whole lines from a file or a pipe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "record/line_reader.hpp"

namespace weir {

/// Cuts an input into blocks of whole lines. A regular file is read in ranges, by several threads at once; all else by
/// one call after the other. The lines are those of a LineReader over the whole input: one that is too long ends after
/// max_line + 1 bytes.
class BlockSource {
 public:
  /// `fd` remains the caller's.
  BlockSource(int fd, std::size_t max_line);

  /// A part of a regular file.
  struct Range {
    std::uint64_t begin = 0;
    bool is_first = false;
  };
  /// The next range, which read_range() reads; nothing where read_next() reads on.
  std::optional<Range> next_range();
  /// Reads the lines that begin in a range into `bytes`; any number of threads may do so at once. Throws
  /// std::system_error.
  std::string_view read_range(const Range& range, std::vector<char>& bytes) const;

  enum class After : std::uint8_t { more, nothing_now, end };
  /// Reads once, without waiting where bytes are known to be there. `lines` may be empty. Returns what is known of the
  /// input after that. Throws std::system_error.
  After read_next(std::vector<char>& bytes, std::string_view& lines);

 private:
  LineReader& rest();

  int fd_;
  std::size_t max_line_;
  std::uint64_t begin_ = 0;  ///< of the ranges
  std::uint64_t next_ = 0;
  std::uint64_t ranges_end_ = 0;
  std::optional<LineReader> rest_;  ///< after the ranges
};

}  // namespace weir
