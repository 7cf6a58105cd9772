// Reads a spool that another process writes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"
#include "state/spool.hpp"

namespace weir::state {

/// Reads a Spool in a process that does not own it, and changes nothing. At a line that is not whole, the reader stays
/// before it until it is.
class SpoolReader {
 public:
  explicit SpoolReader(std::string folder) : folder_(std::move(folder)) {}

  /// The position before the first line that is there; nothing when there is no spool yet. Throws std::system_error.
  std::optional<SpoolPosition> first() const;

  /// Goes on reading at a position. Throws Unusable when it is not between two lines of this spool.
  void seek(SpoolPosition position);
  /// Reads the line at the position and moves on; nothing while there is none. The view is valid until the next call.
  /// Throws Unusable, std::system_error.
  std::optional<std::string_view> next();
  /// The position after the line that next() gave.
  SpoolPosition position() const { return position_; }

 private:
  std::string file_of(std::uint64_t segment) const;
  std::optional<std::string_view> line_of_block();
  std::nullopt_t stand();
  bool fill();

  std::string folder_;
  SpoolPosition position_;
  Descriptor in_{-1};
  std::string block_;  ///< of the file, from the position on
  std::size_t block_at_ = 0;
};

}  // namespace weir::state
