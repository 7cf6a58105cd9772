// Reads a spool that another process writes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/descriptor.hpp"
#include "state/spool.hpp"

namespace weir::state {

/// The lines of a Spool for a process that does not own it. Nothing is ever changed or cut off: at a line that is not
/// whole yet, or was left so by a crash, the reader stands before it until it is whole.
class SpoolReader {
 public:
  explicit SpoolReader(std::string folder) : folder_(std::move(folder)) {}

  /// Before the first line that is there; nothing when there is no spool yet. Throws std::system_error.
  std::optional<SpoolPlace> first() const;

  /// Goes on reading at a place. Throws Unusable when it is not between two lines of this spool.
  void seek(SpoolPlace place);
  /// The line at the place, which moves behind it; nothing while there is none. It stays until the next call.
  /// Throws Unusable, std::system_error.
  std::optional<std::string_view> next();
  /// The place behind the line that next() gave.
  SpoolPlace place() const { return place_; }

 private:
  std::string file_of(std::uint64_t segment) const;
  std::optional<std::string_view> line_of_block();
  std::nullopt_t stand();
  bool fill();

  std::string folder_;
  SpoolPlace place_;
  Descriptor in_{-1};
  std::string block_;  ///< of the file, from the place on
  std::size_t block_at_ = 0;
};

}  // namespace weir::state
