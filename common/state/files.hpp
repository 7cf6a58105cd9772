// What all code that keeps files on a disk needs.
#pragma once
#include <string>

namespace weir::state {

/// Throws std::system_error with errno; `what` names the file, and what was done with it.
[[noreturn]] void fail(const std::string& what);

/// The folder that a path's last part is in.
std::string folder_of(const std::string& path);

/// Makes a folder with mode 0700 unless it is there. Throws std::system_error.
void make_folder(const std::string& path);

/// Makes the names in a folder durable, where its file system can do that. Throws std::system_error.
void sync_folder(const std::string& folder);

}  // namespace weir::state
