#include "reset.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "cli/errors.hpp"
#include "state/atomic_file.hpp"
#include "state/files.hpp"
#include "state/lock_file.hpp"

namespace weir::pipe_run {
namespace {

namespace fs = std::filesystem;

/// Takes the locks of all stages, those of pipe-merge's inputs included.
std::vector<state::LockFile> lock_stages(const std::string& folder) {
  std::vector<state::LockFile> locks;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename() != "lock" || !entry.is_regular_file()) continue;
    auto lock = state::LockFile::take(entry.path().string(), std::chrono::milliseconds(0));
    if (!lock) throw std::runtime_error(entry.path().string() + " is held: stop the pipeline before its reset");
    locks.push_back(std::move(*lock));
  }
  return locks;
}

unsigned number_of(const std::string& folder) {
  const auto text = state::read_file(folder + "/generation");
  unsigned number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

std::string reset_state(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (!fs::is_directory(folder)) throw cli::UsageError(folder + " is not a state folder");
  const auto locks = lock_stages(folder);
  if (locks.empty()) throw cli::UsageError(folder + " is not a state folder: no stage has run in it");
  const std::string number = std::to_string(number_of(folder) + 1);
  const std::string beside = folder + ".old-" + number;
  if (fs::exists(beside)) throw std::runtime_error(beside + " is there already: move it away");
  state::make_folder(beside);
  state::write_file(beside + "/generation", number + "\n");
  if (::renameat2(AT_FDCWD, beside.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0) state::fail(folder);
  return beside;
}

}  // namespace weir::pipe_run
