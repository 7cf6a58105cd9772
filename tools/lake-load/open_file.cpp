#include "open_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::lake_load {
namespace {

/// So many bytes of lines are worth a write.
constexpr std::size_t write_block = 64 * 1024;

state::Descriptor open_for_writing(const std::string& path) {
  state::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (file.get() < 0) state::fail(path);
  return file;
}

}  // namespace

std::string OpenFile::path(const std::string& folder) const { return fmt::format("{}/lines-{:010}", folder, number_); }

void OpenFile::append(std::string_view line, const std::string& folder) {
  pending_ += line;
  pending_ += '\n';
  ++rows_;
  if (pending_.size() >= write_block) write(folder);
}

void OpenFile::write(const std::string& folder) {
  if (pending_.empty()) return;
  const std::string name = path(folder);
  const state::Descriptor file = open_for_writing(name);
  state::write_all(file.get(), pending_, name);
  written_ += pending_.size();
  pending_.clear();
  synced_ = false;
}

void OpenFile::sync(const std::string& folder) {
  write(folder);
  if (synced_) return;
  const std::string name = path(folder);
  const state::Descriptor file = open_for_writing(name);
  if (::fsync(file.get()) != 0) state::fail("syncing " + name);
  synced_ = true;
}

void OpenFile::restore(const std::string& folder) const {
  const std::string name = path(folder);
  const state::Descriptor file = open_for_writing(name);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) state::fail(name);
  if (static_cast<std::uint64_t>(status.st_size) < written_)
    throw state::Unusable(fmt::format("{} has lost committed records", name));
  if (::ftruncate(file.get(), static_cast<off_t>(written_)) != 0) state::fail(name);
}

void OpenFile::state(StateArchive& archive) {
  archive.values(place_.key, place_.values, place_.folder, place_.end, number_, rows_, written_, last_used);
}

}  // namespace weir::lake_load
