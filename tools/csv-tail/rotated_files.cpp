#include "rotated_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "state/descriptor.hpp"
#include "state/files.hpp"

namespace weir::csv_tail {
namespace {

using state::fail;
using state::folder_of;

/// Most passes over a folder whose names change.
constexpr int passes = 5;

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The number that a name ends with, or 0.
std::uint64_t number_behind(const std::string& path) {
  const std::size_t begin = path.find_last_not_of("0123456789") + 1;
  std::uint64_t number = 0;
  std::from_chars(path.data() + begin, path.data() + path.size(), number);
  return number;
}

/// A name without the ending that a packing program gives it.
std::string without_packing(const std::string& name) {
  static constexpr std::array<std::string_view, 8> endings{".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip"};
  for (const std::string_view end : endings)
    if (name.ends_with(end)) return name.substr(0, name.size() - end.size());
  return name;
}

/// Whether a rotation puts this after a name: a sign and a number, a date, a time, or a usual word.
bool is_rotation(std::string_view text) {
  if (text == "~") return true;
  if (text.size() < 2 || std::string_view(".-_").find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return text == "old" || text == "bak" || text == "prev" ||
         (text.find_first_of("0123456789") != std::string_view::npos &&
          text.find_first_not_of("0123456789-_.:TZ") == std::string_view::npos);
}

/// Whether errno tells that there is nothing to read, and not that reading failed.
bool is_absent() {
  return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP || errno == ENXIO || errno == ENODEV;
}

/// Calls `use(path, fd, status)` for the path's file and each regular file in its folder that `wanted` accepts, until
/// it returns true: that file stays open. `vanished` tells whether a name was gone when it was opened. Throws
/// std::system_error.
template <typename Wanted, typename Use>
int look_through(const std::string& path, bool& vanished, Wanted wanted, Use use) {
  std::vector<std::string> paths{path};
  vanished = false;
  std::error_code problem;
  const std::filesystem::directory_iterator entries(folder_of(path), problem);
  errno = problem.value();
  if (problem && !is_absent()) fail(folder_of(path));
  for (const auto& entry : entries)
    if (entry.path().filename() != name_of(path) && wanted(entry)) paths.push_back(entry.path().string());
  for (const std::string& each : paths) {
    state::Descriptor file(open_to_read(each));
    if (file.get() < 0 && !is_absent()) fail(each);
    vanished = vanished || (file.get() < 0 && errno == ENOENT && each != path);
    if (file.get() < 0) continue;
    struct stat status;
    if (::fstat(file.get(), &status) != 0) fail(each);
    if (S_ISREG(status.st_mode) && use(each, file.get(), status)) return file.release();
  }
  return -1;
}

}  // namespace

int open_to_read(const std::string& path) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

int open_again(const std::string& path, const FileIdentity& identity) {
  const auto has_inode = [&](const std::filesystem::directory_entry& entry) {
    struct stat status;
    if (::lstat(entry.path().c_str(), &status) == 0) return status.st_ino == identity.inode;
    if (!is_absent()) fail(entry.path().string());
    return false;
  };
  const auto is_it = [&](const std::string& name, int fd, const struct stat&) {
    return FileIdentity::of(fd, name) == identity;
  };
  // It may be renamed while names are gone through.
  int fd = -1;
  bool vanished = false;
  for (int pass = 0; fd < 0 && pass < passes; ++pass) fd = look_through(path, vanished, has_inode, is_it);
  return fd;
}

bool RotatedFile::compressed() const { return without_packing(path).size() < path.size(); }

std::vector<RotatedFile> rotated_files(const std::string& path) {
  const std::string name = name_of(path);
  const auto dot = name.rfind('.');
  const std::string stem = dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
  const std::string ending = name.substr(stem.size());
  const auto may_be = [&](const std::filesystem::directory_entry& entry) {
    const std::string other = without_packing(entry.path().filename().string());
    if (other.starts_with(name)) return is_rotation(std::string_view(other).substr(name.size()));
    return other.size() > name.size() && other.starts_with(stem) && other.ends_with(ending) &&
           is_rotation(std::string_view(other).substr(stem.size(), other.size() - name.size()));
  };
  std::vector<RotatedFile> found;
  const auto take = [&](const std::string& each, int fd, const struct stat& status) {
    if (each != path)
      found.push_back({each, FileIdentity::of(fd, each),
                       status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec});
    return false;
  };
  bool vanished = true;
  for (int pass = 0; vanished && pass < passes; ++pass) {
    found.clear();
    look_through(path, vanished, may_be, take);
  }
  // Within a tick of the clock, some milliseconds, files are told apart by the numbers that logrotate gives.
  std::sort(found.begin(), found.end(), [](const RotatedFile& a, const RotatedFile& b) {
    return a.age_ns() != b.age_ns() ? a.age_ns() < b.age_ns() : number_behind(a.path) > number_behind(b.path);
  });
  return found;
}

}  // namespace weir::csv_tail
