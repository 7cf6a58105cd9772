// Lines that have come and are not done with: on disk before whoever sent them is told so.
#pragma once
#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"
#include "state/snapshot.hpp"

namespace weir::state {

/// A place between two lines of a spool.
struct SpoolPlace {
  std::uint64_t segment = 1;
  std::uint64_t offset = 0;  ///< bytes in the segment's file

  void snapshot(SnapshotWriter& to) const;
  static SpoolPlace restored(SnapshotReader& from);
  friend auto operator<=>(const SpoolPlace&, const SpoolPlace&) = default;
};

struct SpoolLimits {
  std::uint64_t segment = 8 << 20;  ///< bytes from which on the next file is begun
  std::uint64_t total = 1 << 30;    ///< bytes not forgotten at which the spool is full
};

/// The text of a spool's line `CHECKSUM TEXT`; nothing when it is not whole.
std::optional<std::string_view> spooled_text(std::string_view line);

/// A durable queue of lines in a folder: files s-1, s-2 … with a line `CHECKSUM TEXT` for each, where CHECKSUM is
/// CRC32C of TEXT in eight hexadecimal digits. One process at a time, which must hold a lock on the folder.
///
/// What a crash left unfinished at the end is cut off at the last whole line: nobody has been told that it is here. Any
/// other damage is Unusable, and so is a place that is not in the spool.
class Spool {
 public:
  /// Makes the folder where it is not there, and looks through its last file. Throws Unusable, std::system_error.
  Spool(std::string folder, SpoolLimits limits = {});

  /// Takes a line without a line break; it counts only when sync() has returned. Throws std::invalid_argument.
  void append(std::string_view line);
  /// Makes durable what was appended. An error leaves the spool unusable in this process: a sync that has failed is not
  /// tried again. Throws std::system_error.
  void sync();
  bool all_synced() const { return fresh_.empty(); }
  /// Bytes of what is not forgotten, also of what is not synced yet.
  std::uint64_t held() const;
  /// No more may be appended until something is forgotten; append() itself never refuses.
  bool full() const { return held() >= limits_.total; }
  /// What a line of so many bytes takes.
  static std::uint64_t size_of(std::size_t line) { return line + 10; }

  /// Before the first line that is still there, and behind the last that is synced.
  SpoolPlace first() const { return {first_, 0}; }
  SpoolPlace end() const { return {last(), sizes_.back()}; }

  /// Goes on reading at a place. Throws Unusable when it is not between two lines of this spool.
  void seek(SpoolPlace place);
  /// The line at the place, which moves behind it; nothing at the end. It stays until the next call of anything here.
  /// Throws Unusable, std::system_error.
  std::optional<std::string_view> next();
  /// The place behind the line that next() gave.
  SpoolPlace place() const { return place_; }

  /// What lies before this place is not asked for again: files that hold nothing else are removed, but for the last
  /// two, so that an owner can look back. Throws std::system_error.
  void forget(SpoolPlace place);

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
  SpoolPlace forgotten_;
  Descriptor out_{-1};
  std::string fresh_;  ///< appended and not synced

  SpoolPlace place_;
  Descriptor in_{-1};
  std::uint64_t in_segment_ = 0;  ///< which in_ is; 0: none
  std::string block_;             ///< of that file, read ahead
  std::size_t block_at_ = 0;
  std::uint64_t block_end_ = 0;  ///< where in the file the block ends
};

}  // namespace weir::state
