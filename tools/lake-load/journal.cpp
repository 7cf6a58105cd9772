#include "journal.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/checksum.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::lake_load {
namespace {

constexpr std::string_view magic_on_disk = "weir lake-load journal 1\n";
constexpr std::string_view magic_in_bucket = "weir lake-load journal 2\n";
constexpr std::uint64_t most_bytes = 256 << 20;

std::string_view magic_of(const Journal::Content& content) { return content.claimed ? magic_in_bucket : magic_on_disk; }

}  // namespace

void Journal::Content::state(StateArchive& archive) {
  archive.values(run, epoch, next, records, open, finished);
  if (claimed) archive.value(*claimed);
}

Journal::Journal(std::string folder, const std::string& table, const std::string& name) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  constexpr std::chrono::seconds limit{3};  // a killed run's process may still be on its way out
  lock_ = state::LockFile::take(folder_ + "/lock", limit);
  if (!lock_)
    throw std::runtime_error(
        fmt::format("{}: another process writes under the name {}; give this one another --name", table, name));
}

bool Journal::load(Content& content, Columns& columns) const {
  const std::string path = folder_ + "/journal";
  const auto bytes = state::read_file(path, most_bytes);
  if (!bytes) return false;
  std::uint32_t sum = 0;
  const std::string_view magic = magic_of(content);
  if (bytes->size() < magic.size() + sizeof sum || !bytes->starts_with(magic))
    throw state::Unusable(path + " is not a journal of this version");
  std::memcpy(&sum, bytes->data() + magic.size(), sizeof sum);
  const std::string_view body = std::string_view(*bytes).substr(magic.size() + sizeof sum);
  if (state::crc32c({body}) != sum) throw state::Unusable(path + " is damaged");
  SnapshotReader reader(body);
  StateArchive archive(reader);
  archive.values(content, columns);
  reader.finish();
  return true;
}

void Journal::save(Content& content, Columns& columns) const {
  std::string body;
  SnapshotWriter writer(body);
  StateArchive archive(writer);
  archive.values(content, columns);
  const std::uint32_t sum = state::crc32c({body});
  std::string bytes(magic_of(content));
  bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  state::write_file(folder_ + "/journal", bytes + body);
}

void Journal::tidy(const Content& content) const {
  std::set<std::string> needed{folder_ + "/lock", folder_ + "/journal"};
  for (const auto& [key, file] : content.open) needed.insert(file.path(folder_));
  for (const FinishedFile& file : content.finished) needed.insert(file.made);
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    if (!needed.contains(entry.path().string())) std::filesystem::remove(entry.path());
}

}  // namespace weir::lake_load
