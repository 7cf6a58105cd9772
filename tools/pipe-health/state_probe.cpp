// How far a pipeline with state is, by its folder.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "probes.hpp"
#include "state/stage_folder.hpp"
#include "time/duration.hpp"

namespace weir::pipe_health {
namespace {

namespace fs = std::filesystem;

/// Seconds since a file was written; nothing where it is gone.
std::optional<double> age_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  const auto written = std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::max(0.0, std::chrono::duration<double>(now - written).count());
}

/// Bytes in the segments of all spools.
std::optional<std::uint64_t> spooled_in(const fs::path& folder) {
  std::optional<std::uint64_t> bytes;
  std::error_code error;
  for (fs::recursive_directory_iterator each(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && each != end; each.increment(error)) {
    std::error_code gone;
    if (!each->path().filename().string().starts_with("s-") || !each->is_regular_file(gone)) continue;
    const auto size = each->file_size(gone);
    bytes = bytes.value_or(0) + (gone ? 0 : size);
  }
  return bytes;
}

}  // namespace

/// The numbers of the shards whose state is in a folder (pipe-run --shards), ascending; none where it has no shards.
std::vector<std::uint64_t> shards_in(const fs::path& folder) {
  std::vector<std::uint64_t> shards;
  std::error_code error;
  for (const auto& each : fs::directory_iterator(folder, error)) {
    const std::string name = each.path().filename().string();
    std::uint64_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    std::error_code gone;
    if (read.ec == std::errc() && read.ptr == name.data() + name.size() && fs::exists(each.path() / "of-shards", gone))
      shards.push_back(number);
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

/// Of several shards, the one with the oldest commit; one without a commit is the slowest.
void look_at_shards(const fs::path& folder, const std::vector<std::uint64_t>& shards, Result& result) {
  result.shards = shards.size();
  for (const std::uint64_t shard : shards) {
    const fs::path own = folder / std::to_string(shard);
    const auto age = age_of(own / "commit");
    if (result.slowest && (!result.age_s || (age && *age <= *result.age_s))) continue;
    result.slowest = shard;
    result.epoch = state::RunFolder(own.string()).committed();
    result.age_s = age;
  }
}

Probe make_state_probe(const Target& target, const Access& access) {
  const std::string folder = target.path;
  const std::optional<Duration> most = target.max_age ? target.max_age : access.max_age;
  return [folder, most](const Deadline&) {
    Result result;
    if (!fs::is_directory(folder)) {
      result.problem = "there is no such folder: has the pipeline been started (pipe-run --state)?";
      return result;
    }
    const std::vector<std::uint64_t> shards = shards_in(folder);
    if (shards.empty()) {
      result.epoch = state::RunFolder(folder).committed();
      result.age_s = age_of(fs::path(folder) / "commit");
    } else {
      look_at_shards(folder, shards, result);
    }
    const std::string whose = result.slowest ? fmt::format("shard {}: ", *result.slowest) : "";
    result.spooled = spooled_in(folder);
    if (!result.age_s) {
      result.problem = whose + "no epoch has been committed yet: does the sink run?";
      return result;
    }
    const double limit = most ? std::chrono::duration<double>(*most).count() : 0;
    result.healthy = !most || *result.age_s <= limit;
    if (!result.healthy)
      result.problem = fmt::format(
          "{}the last commit (epoch {}) is {:.0f} s old, more than {}: does the pipeline run, and does its "
          "source have records?",
          whose, *result.epoch, *result.age_s, format_duration(*most));
    return result;
  };
}

}  // namespace weir::pipe_health
