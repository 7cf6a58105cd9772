#include "tables/table_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "state/checksum.hpp"
#include "state/descriptor.hpp"

namespace weir::tables {
namespace {

[[noreturn]] void fail(const std::string& path) {
  throw TableError(path + ": " + std::generic_category().message(errno));
}

state::Descriptor opened(const std::string& path) {
  state::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path);
  return file;
}

FileMark mark_of(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) fail(path);
  if (S_ISDIR(status.st_mode)) throw TableError(path + ": is a folder");
  return FileMark::of(status);
}

}  // namespace

FileMark mark_of(const std::string& path) { return mark_of(opened(path).get(), path); }

FileMark read_whole(const std::string& path, std::string& text) {
  const state::Descriptor file = opened(path);
  for (;;) {
    const FileMark before = mark_of(file.get(), path);
    text.clear();
    for (;;) {
      constexpr std::size_t block = 256 * 1024;
      const std::size_t size = text.size();
      text.resize(size + block);
      const ssize_t count = ::read(file.get(), text.data() + size, block);
      if (count < 0 && errno != EINTR) fail(path);
      text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
      if (count == 0) break;
    }
    // As it is at one moment; a pipe has no size.
    if (before.size == 0 || mark_of(file.get(), path) == before) return before;
    if (::lseek(file.get(), 0, SEEK_SET) < 0) fail(path);
  }
}

Content Content::of(std::string_view text) { return {state::crc32c({text}), text.size()}; }

TableFile::TableFile(TableSettings settings) : settings_(std::move(settings)) {
  std::string text;
  mark_ = read_whole(path(), text);
  use(text);
  settings_.take = table_->taken();
}

void TableFile::use(const std::string& text) {
  table_ = std::make_unique<const Table>(text, settings_);
  content_ = Content::of(text);
}

bool TableFile::look() {
  if (mark_of(path()) == mark_) return false;
  std::string text;
  mark_ = read_whole(path(), text);
  if (content_ == Content::of(text)) return false;
  use(text);
  return true;
}

}  // namespace weir::tables
