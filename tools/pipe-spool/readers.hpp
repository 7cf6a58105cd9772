// Who reads a spool, and how far each has got: the files DIR/readers/NAME.
#pragma once
#include <optional>
#include <string>

#include "state/lock_file.hpp"
#include "state/spool.hpp"

namespace weir::pipe_spool {

/// The least place of all readers; nothing when there are none. `lock` keeps new ones away meanwhile. Throws
/// state::Unusable when a reader's file holds no place, std::system_error.
std::optional<state::SpoolPlace> least_of_readers(const std::string& folder);

/// Keeps readers from coming and segments from going. Throws std::runtime_error when another process keeps it too long.
state::LockFile lock_readers(const std::string& folder);

/// One reader's own entry.
class ReaderEntry {
 public:
  /// Makes the entry where there is none, before all that is in the spool. Throws std::runtime_error when the name is
  /// in use by another process.
  ReaderEntry(std::string folder, const std::string& name);

  /// What lies before the place is not asked for again. Throws std::system_error.
  void note(state::SpoolPlace place);
  /// The reader begins anew: all that is in the spool is held for it.
  void begin_anew();

 private:
  std::string folder_;
  std::string path_;
  state::LockFile lock_;
};

}  // namespace weir::pipe_spool
