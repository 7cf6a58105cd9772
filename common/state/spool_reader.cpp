#include "state/spool_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::state {
namespace {

constexpr std::size_t block = 256 * 1024;

}  // namespace

std::string SpoolReader::file_of(std::uint64_t segment) const { return folder_ + "/s-" + std::to_string(segment); }

std::optional<SpoolPosition> SpoolReader::first() const {
  std::error_code problem;
  const std::filesystem::directory_iterator entries(folder_, problem);
  if (problem) throw std::system_error(problem, folder_);
  std::optional<SpoolPosition> least;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    if (!name.starts_with("s-") || std::from_chars(name.data() + 2, end, number).ptr != end) continue;
    if (!least || number < least->segment) least = SpoolPosition{number, 0};
  }
  return least;
}

void SpoolReader::seek(SpoolPosition position) {
  const std::string name = file_of(position.segment);
  in_.reset(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (in_.get() < 0 && errno != ENOENT) fail(name);
  char before = '\n';
  const ssize_t n = in_.get() < 0 || position.offset == 0
                        ? 1
                        : ::pread(in_.get(), &before, 1, static_cast<off_t>(position.offset - 1));
  if (n < 0) fail(name);
  if (in_.get() < 0 || n != 1 || before != '\n')
    throw Unusable(fmt::format("{} has no position {}:{}: the spool is another one, or what was there is forgotten",
                               folder_, position.segment, position.offset));
  position_ = position;
  stand();
}

/// Reads more of the file; false when there is no more.
bool SpoolReader::fill() {
  block_.erase(0, block_at_);
  block_at_ = 0;
  const std::size_t length = block_.size();
  block_.resize(length + block);
  ssize_t n = 0;
  do {
    n = ::pread(in_.get(), block_.data() + length, block, static_cast<off_t>(position_.offset + length));
  } while (n < 0 && errno == EINTR);
  if (n < 0) fail(file_of(position_.segment));
  block_.resize(length + static_cast<std::size_t>(n));
  return n > 0;
}

std::nullopt_t SpoolReader::stand() {
  block_.clear();
  block_at_ = 0;
  return std::nullopt;
}

/// The next whole line, if there is one. A line that is not whole is read anew each time, because the owner may cut it
/// off and write something else there.
std::optional<std::string_view> SpoolReader::line_of_block() {
  std::size_t end = block_.find('\n', block_at_);
  if (end == std::string::npos) {
    block_.clear();
    block_at_ = 0;
    while (end == std::string::npos) {
      const std::size_t searched = block_.size();
      if (!fill()) return stand();
      end = block_.find('\n', searched);
    }
  }
  const std::string_view line = std::string_view(block_).substr(block_at_, end - block_at_);
  const auto text = spooled_text(line);
  if (!text) {
    // No line has a NUL: the system stopped before it wrote these blocks, and the owner cuts them off.
    if (line.find('\0') != std::string_view::npos) return stand();
    throw Unusable(fmt::format("{} is damaged at byte {}", file_of(position_.segment), position_.offset));
  }
  block_at_ = end + 1;
  position_.offset += line.size() + 1;
  return text;
}

std::optional<std::string_view> SpoolReader::next() {
  for (;;) {
    if (const auto text = line_of_block()) return text;
    // The next file is begun after this one is complete: its last lines were there before.
    Descriptor later(::open(file_of(position_.segment + 1).c_str(), O_RDONLY | O_CLOEXEC));
    if (later.get() < 0) {
      if (errno != ENOENT) fail(file_of(position_.segment + 1));
      const auto least = first();
      if (!least || least->segment > position_.segment + 1)
        throw Unusable(fmt::format("{}: lines after {}:{} were removed before they were read", folder_,
                                   position_.segment, position_.offset));
      return std::nullopt;
    }
    if (const auto text = line_of_block()) return text;
    if (fill()) throw Unusable(fmt::format("{} is damaged at byte {}", file_of(position_.segment), position_.offset));
    in_.reset(later.release());
    position_ = {position_.segment + 1, 0};
    stand();
  }
}

}  // namespace weir::state
