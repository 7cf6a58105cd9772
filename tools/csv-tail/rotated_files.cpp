#include "rotated_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string_view>

namespace weir {
namespace {

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The number that a name ends with, or 0.
std::uint64_t number_behind(const std::string& path) {
  const std::size_t begin = path.find_last_not_of("0123456789") + 1;
  std::uint64_t number = 0;
  std::from_chars(path.data() + begin, path.data() + path.size(), number);
  return number;
}

/// Calls `use(path, fd)` for each regular file in the path's folder that `wanted` names, itself first, until it returns
/// true: then the file stays open.
template <typename Wanted, typename Use>
int look_through(const std::string& path, Wanted wanted, Use use) {
  std::vector<std::string> paths{path};
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(path), gone))
    if (entry.path().filename() != name_of(path) && wanted(entry)) paths.push_back(entry.path().string());
  for (const std::string& each : paths) {
    const int fd = open_to_read(each);
    if (fd < 0) continue;
    struct stat status;
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && use(each, fd, status)) return fd;
    ::close(fd);
  }
  return -1;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

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
    return ::lstat(entry.path().c_str(), &status) == 0 && status.st_ino == identity.inode;
  };
  const auto is_it = [&](const std::string& name, int fd, const struct stat&) {
    return FileIdentity::of(fd, name) == identity;
  };
  // It may be renamed between two looks.
  int fd = -1;
  for (int look = 0; fd < 0 && look < 3; ++look) fd = look_through(path, has_inode, is_it);
  return fd;
}

bool RotatedFile::compressed() const {
  static constexpr std::array<std::string_view, 8> endings{".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip"};
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view end) { return path.ends_with(end); });
}

std::vector<RotatedFile> rotated_files(const std::string& path) {
  const std::string name = name_of(path);
  const auto dot = name.rfind('.');
  const std::string stem = dot == std::string::npos || dot == 0 ? name : name.substr(0, dot);
  const std::string ending = name.substr(stem.size());
  const auto may_be = [&](const std::filesystem::directory_entry& entry) {
    const std::string other = entry.path().filename().string();
    return other.starts_with(name) || (other.starts_with(stem) && other.find(ending, stem.size()) != std::string::npos);
  };
  std::vector<RotatedFile> found;
  look_through(path, may_be, [&](const std::string& each, int fd, const struct stat& status) {
    if (each != path)
      found.push_back({each, FileIdentity::of(fd, each),
                       status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec, status.st_size});
    return false;
  });
  // Within a tick of the clock, some milliseconds, files are told apart by the numbers that logrotate gives.
  std::sort(found.begin(), found.end(), [](const RotatedFile& a, const RotatedFile& b) {
    return a.age_ns() != b.age_ns() ? a.age_ns() < b.age_ns() : number_behind(a.path) > number_behind(b.path);
  });
  return found;
}

}  // namespace weir
