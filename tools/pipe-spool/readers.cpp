#include "readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::pipe_spool {
namespace {

constexpr auto lock_limit = std::chrono::seconds(10);

std::string folder_of(const std::string& folder) {
  const std::string readers = folder + "/readers";
  state::make_folder(readers);
  return readers;
}

state::LockFile take(const std::string& path, const std::string& who) {
  auto lock = state::LockFile::take(path, lock_limit);
  if (!lock) throw std::runtime_error(who + " is in use by another process");
  return std::move(*lock);
}

/// `SEGMENT:OFFSET` and a line break.
state::SpoolPosition position_in(const std::string& text, const std::string& path) {
  state::SpoolPosition position;
  const char* const end = text.data() + text.size();
  const auto segment = std::from_chars(text.data(), end, position.segment);
  if (segment.ec == std::errc{} && segment.ptr != end && *segment.ptr == ':') {
    const auto offset = std::from_chars(segment.ptr + 1, end, position.offset);
    if (offset.ec == std::errc{} && std::string_view(offset.ptr, static_cast<std::size_t>(end - offset.ptr)) == "\n")
      return position;
  }
  throw state::Unusable(path + " does not hold a position in a spool");
}

}  // namespace

state::LockFile lock_readers(const std::string& folder) {
  return take(folder_of(folder) + "/all.lock", folder + "/readers");
}

std::optional<state::SpoolPosition> least_of_readers(const std::string& folder) {
  std::optional<state::SpoolPosition> least;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(folder))) {
    const std::string path = entry.path().string();
    if (entry.path().filename().string().find('.') != std::string::npos) continue;  // locks and unfinished files
    const auto text = state::read_file(path);
    if (!text) continue;
    const state::SpoolPosition position = position_in(*text, path);
    least = std::min(position, least.value_or(position));
  }
  return least;
}

ReaderEntry::ReaderEntry(std::string folder, const std::string& name)
    : folder_(std::move(folder)),
      path_(folder_of(folder_) + "/" + name),
      lock_(take(path_ + ".lock", "the reader's name " + name)) {}

void ReaderEntry::note(state::SpoolPosition position) {
  state::write_file(path_, fmt::format("{}:{}\n", position.segment, position.offset));
}

void ReaderEntry::begin_anew() {
  const state::LockFile lock = lock_readers(folder_);
  note({0, 0});
}

}  // namespace weir::pipe_spool
