// A durable queue of lines: what was received and is not committed yet.
#pragma once
#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"

namespace weir::state {

/// A position between two lines of a spool. StateArchive saves it as it lies in memory.
struct SpoolPosition {
  std::uint64_t segment = 1;
  std::uint64_t offset = 0;  ///< bytes in the segment's file

  friend auto operator<=>(const SpoolPosition&, const SpoolPosition&) = default;
};

struct SpoolLimits {
  std::uint64_t segment = 8 << 20;  ///< bytes after which the next file is begun
  std::uint64_t total = 1 << 30;    ///< bytes kept at which the spool is full
};

/// The text of a spool's line `CHECKSUM TEXT`; nothing when the line is damaged.
std::optional<std::string_view> spooled_text(std::string_view line);

/// A durable queue of lines in a folder: files s-1, s-2 … with a line `CHECKSUM TEXT` for each, where CHECKSUM is
/// CRC32C of TEXT in eight hexadecimal digits. One process at a time, which must hold a lock on the folder.
///
/// A part of a line that a crash left at the end is cut off: it was never acknowledged. Any other damage is Unusable,
/// and so is a position that is not in the spool.
class Spool {
 public:
  /// Makes the folder where it is not there, and checks its last file. Throws Unusable, std::system_error.
  Spool(std::string folder, SpoolLimits limits = {});

  /// Adds a line without line break and NUL; it is stored when sync() has returned. Throws std::invalid_argument.
  void append(std::string_view line);
  /// Makes durable what was appended. After an error the spool is unusable in this process, because a failed sync is
  /// never tried again. Throws std::system_error.
  void sync();
  bool all_synced() const { return fresh_.empty(); }
  /// Bytes that are kept, also those not synced yet.
  std::uint64_t held() const;
  /// No more may be appended until something is forgotten; append() itself never refuses.
  bool full() const { return held() >= limits_.total; }
  /// The bytes that a line of this many bytes takes.
  static std::uint64_t size_of(std::size_t line) { return line + 10; }

  /// The positions before the first line that is there, and after the last that is synced.
  SpoolPosition first() const { return {first_, 0}; }
  SpoolPosition end() const { return {last(), sizes_.back()}; }

  /// Goes on reading at a position. Throws Unusable when it is not between two lines of this spool.
  void seek(SpoolPosition position);
  /// Reads the line at the position and moves on; nothing at the end. The view is valid until the next call.
  /// Throws Unusable, std::system_error.
  std::optional<std::string_view> next();
  /// The position after the line that next() gave.
  SpoolPosition position() const { return position_; }

  /// Gives up the lines before this position: files with nothing else are removed, except the last two, so that an
  /// owner can look back. Throws std::system_error.
  void forget(SpoolPosition position);

 private:
  std::uint64_t last() const { return first_ + sizes_.size() - 1; }
  std::string file_of(std::uint64_t segment) const;
  void find_segments();
  void cut_unfinished();
  void open_last();
  void begin_segment();
  bool fill();

  std::string folder_;
  SpoolLimits limits_;
  std::uint64_t first_ = 1;
  std::deque<std::uint64_t> sizes_;  ///< of each file, as far as it is synced
  SpoolPosition forgotten_;
  Descriptor out_{-1};
  std::string fresh_;  ///< appended and not synced

  SpoolPosition position_;
  Descriptor in_{-1};
  std::uint64_t in_segment_ = 0;  ///< which in_ is; 0: none
  std::string block_;             ///< of that file, read ahead
  std::size_t block_at_ = 0;
  std::uint64_t block_end_ = 0;  ///< where in the file the block ends
};

}  // namespace weir::state
