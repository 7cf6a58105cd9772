#include "table_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"
#include "state/files.hpp"

namespace weir::lake_load {
namespace {

constexpr std::uint64_t most_bytes = 1 << 30;  // of a file that is read whole

void rename_to(const std::string& made, const std::string& path) {
  if (::rename(made.c_str(), path.c_str()) != 0) state::fail(path);
}

}  // namespace

DiskStore::DiskStore(std::string table, std::string scratch) : table_(std::move(table)), scratch_(std::move(scratch)) {}

/// A new file with these bytes, durable, which is not in the table yet.
std::string DiskStore::make(std::string_view bytes) const {
  std::string made = scratch_ + "/put";
  const state::Descriptor file(::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (file.get() < 0) state::fail(made);
  state::write_all(file.get(), bytes, made);
  if (::fsync(file.get()) != 0) state::fail("syncing " + made);
  return made;
}

/// Makes the folders of a path within the table durably.
void DiskStore::make_folders(const std::string& path) const {
  std::string folder = table_;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = path.find('/', at);
    if (slash == std::string::npos) return;
    const std::string parent = folder;
    folder += '/' + path.substr(at, slash - at);
    if (::mkdir(folder.c_str(), 0777) == 0)
      state::sync_folder(parent);
    else if (errno != EEXIST)
      state::fail(folder);
    at = slash + 1;
  }
}

std::optional<std::string> DiskStore::read(const std::string& path) { return state::read_file(full(path), most_bytes); }

bool DiskStore::put_if_absent(const std::string& path, std::string_view bytes) {
  make_folders(path);
  const std::string made = make(bytes);
  const int linked = ::link(made.c_str(), full(path).c_str());
  const int error = errno;
  ::unlink(made.c_str());
  if (linked != 0 && error == EEXIST) return false;
  if (linked != 0) {
    errno = error;
    state::fail("linking " + full(path));
  }
  state::sync_folder(state::folder_of(full(path)));
  return true;
}

void DiskStore::replace(const std::string& path, std::string_view bytes) {
  make_folders(path);
  rename_to(make(bytes), full(path));
  state::sync_folder(state::folder_of(full(path)));
}

std::vector<std::string> DiskStore::list(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(full(folder), missing))
    names.push_back(entry.path().filename().string());
  if (missing && missing != std::errc::no_such_file_or_directory)
    throw std::filesystem::filesystem_error("reading", full(folder), missing);
  return names;
}

bool DiskStore::take(const std::string& made, const std::string& path) {
  if (::access(made.c_str(), F_OK) != 0) return ::access(full(path).c_str(), F_OK) == 0;
  make_folders(path);
  rename_to(made, full(path));
  changed_.insert(state::folder_of(full(path)));
  return true;
}

void DiskStore::settle() {
  for (const std::string& folder : changed_) state::sync_folder(folder);
  changed_.clear();
}

std::optional<std::string> DiskStore::fetch(const std::string& path) {
  if (::access(full(path).c_str(), F_OK) != 0) return std::nullopt;
  return full(path);
}

}  // namespace weir::lake_load
