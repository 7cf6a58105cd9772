// The readers of a spool and their places: the files DIR/readers/NAME.
#pragma once
#include <optional>
#include <string>

#include "state/lock_file.hpp"
#include "state/spool.hpp"

namespace weir::pipe_spool {

/// The first position that some reader still needs; nothing without readers. Call it under lock_readers(). Throws
/// state::Unusable when a reader's file does not hold a position, and std::system_error.
std::optional<state::SpoolPosition> least_of_readers(const std::string& folder);

/// Locks the list of readers and the removal of segments. Throws std::runtime_error when another process keeps the lock
/// too long.
state::LockFile lock_readers(const std::string& folder);

/// One reader's own entry.
class ReaderEntry {
 public:
  /// Takes the name. Throws std::runtime_error when another process uses it.
  ReaderEntry(std::string folder, const std::string& name);

  /// Records that the reader does not need what lies before the position. Throws std::system_error.
  void note(state::SpoolPosition position);
  /// Begins anew: the whole spool is kept for the reader.
  void begin_anew();

 private:
  std::string folder_;
  std::string path_;
  state::LockFile lock_;
};

}  // namespace weir::pipe_spool
