#include "state/spool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "state/checksum.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::state {
namespace {

constexpr std::size_t block = 256 * 1024;
constexpr std::size_t digits = 8;  // of a checksum; a space follows

std::string read_all(int fd, const std::string& name) {
  std::string bytes;
  for (;;) {
    const std::size_t length = bytes.size();
    bytes.resize(length + block);
    const ssize_t n = ::pread(fd, bytes.data() + length, block, static_cast<off_t>(length));
    if (n < 0 && errno != EINTR) fail(name);
    bytes.resize(length + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n == 0) return bytes;
  }
}

/// The length of the whole lines of a file. Throws Unusable when the rest is not an unfinished end.
std::size_t whole_part(std::string_view bytes, const std::string& name) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) {
      // Only its last byte is wrong: it was whole once, and is damaged.
      if (spooled_text(bytes.substr(at, bytes.size() - 1 - at))) break;
      return at;
    }
    const std::string_view line = bytes.substr(at, end - at);
    if (!spooled_text(line)) {
      // No line has a NUL: the system stopped before it wrote these blocks.
      if (line.find('\0') != std::string_view::npos) return at;
      break;
    }
    at = end + 1;
  }
  if (at < bytes.size()) throw Unusable(fmt::format("{} is damaged at byte {}", name, at));
  return at;
}

}  // namespace

std::optional<std::string_view> spooled_text(std::string_view line) {
  if (line.size() <= digits || line[digits] != ' ') return std::nullopt;
  if (line.substr(0, digits).find_first_of("ABCDEF") != std::string_view::npos) return std::nullopt;
  std::uint32_t sum = 0;
  const auto read = std::from_chars(line.data(), line.data() + digits, sum, 16);
  const std::string_view text = line.substr(digits + 1);
  if (read.ec != std::errc{} || read.ptr != line.data() + digits || sum != crc32c({text})) return std::nullopt;
  return text;
}

Spool::Spool(std::string folder, SpoolLimits limits) : folder_(std::move(folder)), limits_(limits) {
  make_folder(folder_);
  find_segments();
  if (sizes_.empty()) {
    begin_segment();
  } else {
    cut_unfinished();
  }
  forgotten_ = position_ = first();
}

std::string Spool::file_of(std::uint64_t segment) const { return folder_ + "/s-" + std::to_string(segment); }

void Spool::find_segments() {
  std::vector<std::uint64_t> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    if (!name.starts_with("s-") || std::from_chars(name.data() + 2, end, number).ptr != end) continue;
    found.push_back(number);
  }
  if (found.empty()) return;
  std::sort(found.begin(), found.end());
  first_ = found.front();
  for (const std::uint64_t each : found) {
    if (each != first_ + sizes_.size()) throw Unusable(file_of(first_ + sizes_.size()) + " is not there");
    struct stat status;
    if (::stat(file_of(each).c_str(), &status) != 0) fail(file_of(each));
    sizes_.push_back(static_cast<std::uint64_t>(status.st_size));
  }
}

void Spool::open_last() {
  out_.reset(::open(file_of(last()).c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (out_.get() < 0) fail(file_of(last()));
}

void Spool::cut_unfinished() {
  const std::string name = file_of(last());
  open_last();
  const std::string bytes = read_all(out_.get(), name);
  const std::size_t whole = whole_part(bytes, name);
  if (whole < bytes.size() && ::ftruncate(out_.get(), static_cast<off_t>(whole)) != 0) fail(name);
  // Lines that a killed process wrote may not be on the disk yet.
  if (::fsync(out_.get()) != 0) fail("syncing " + name);
  sizes_.back() = whole;
}

void Spool::begin_segment() {
  sizes_.push_back(0);
  open_last();
  sync_folder(folder_);
}

void Spool::append(std::string_view line) {
  if (line.find('\n') != std::string_view::npos || line.find('\0') != std::string_view::npos)
    throw std::invalid_argument("a line for a spool must have no line break and no NUL");
  fmt::format_to(std::back_inserter(fresh_), "{:08x} {}\n", crc32c({line}), line);
}

void Spool::sync() {
  if (fresh_.empty()) return;
  for (std::string_view rest = fresh_; !rest.empty();) {
    const ssize_t n = ::write(out_.get(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("writing " + file_of(last()));
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fdatasync(out_.get()) != 0) fail("syncing " + file_of(last()));
  sizes_.back() += fresh_.size();
  fresh_.clear();
  if (sizes_.back() >= limits_.segment) begin_segment();
}

std::uint64_t Spool::held() const {
  std::uint64_t held = fresh_.size();
  for (std::uint64_t each = std::max(first_, forgotten_.segment); each <= last(); ++each) held += sizes_[each - first_];
  return held - forgotten_.offset;
}

void Spool::seek(SpoolPosition position) {
  const auto missing = [&] {
    return Unusable(
        fmt::format("{} has no position {}:{}: part of the state folder is lost, or it is another pipeline's", folder_,
                    position.segment, position.offset));
  };
  if (position.segment < first_ || position.segment > last() || position.offset > sizes_[position.segment - first_])
    throw missing();
  if (position.offset > 0) {
    const Descriptor file(::open(file_of(position.segment).c_str(), O_RDONLY | O_CLOEXEC));
    char before = 0;
    const ssize_t n = file.get() < 0 ? -1 : ::pread(file.get(), &before, 1, static_cast<off_t>(position.offset - 1));
    if (n < 0) fail(file_of(position.segment));
    if (n != 1 || before != '\n') throw missing();
  }
  position_ = position;
  in_segment_ = 0;
}

/// Reads on in the file of the position; false when all that is synced is in the block.
bool Spool::fill() {
  const std::string name = file_of(position_.segment);
  if (in_segment_ != position_.segment) {
    in_.reset(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (in_.get() < 0) fail(name);
    in_segment_ = position_.segment;
    block_.clear();
    block_at_ = 0;
    block_end_ = position_.offset;
  }
  const std::uint64_t left = sizes_[position_.segment - first_] - block_end_;
  if (left == 0) return false;
  block_.erase(0, std::exchange(block_at_, 0));
  const std::size_t length = block_.size();
  block_.resize(length + std::min<std::uint64_t>(left, block));
  ssize_t n = 0;
  do {
    n = ::pread(in_.get(), block_.data() + length, block_.size() - length, static_cast<off_t>(block_end_));
  } while (n < 0 && errno == EINTR);
  if (n < 0) fail(name);
  block_.resize(length + static_cast<std::size_t>(n));
  block_end_ += static_cast<std::uint64_t>(n);
  return n > 0;
}

std::optional<std::string_view> Spool::next() {
  while (position_.offset == sizes_[position_.segment - first_]) {
    if (position_.segment == last()) return std::nullopt;
    position_ = {position_.segment + 1, 0};
  }
  std::size_t searched = 0;
  for (;;) {
    const bool open = in_segment_ == position_.segment;
    const std::size_t end = open ? block_.find('\n', block_at_ + searched) : std::string::npos;
    if (end == std::string::npos) {
      searched = open ? block_.size() - block_at_ : 0;
      if (fill()) continue;
      throw Unusable(fmt::format("{} is damaged at byte {}", file_of(position_.segment), position_.offset));
    }
    const std::string_view line = std::string_view(block_).substr(block_at_, end - block_at_);
    const auto text = spooled_text(line);
    if (!text) throw Unusable(fmt::format("{} is damaged at byte {}", file_of(position_.segment), position_.offset));
    block_at_ = end + 1;
    position_.offset += line.size() + 1;
    return text;
  }
}

void Spool::forget(SpoolPosition position) {
  forgotten_ = std::max(forgotten_, position);
  while (first_ < forgotten_.segment && sizes_.size() > 2) {
    if (::unlink(file_of(first_).c_str()) != 0 && errno != ENOENT) fail(file_of(first_));
    ++first_;
    sizes_.pop_front();
  }
}

}  // namespace weir::state
