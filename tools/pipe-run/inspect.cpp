#include "inspect.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "record/object_writer.hpp"
#include "state/atomic_file.hpp"
#include "state/stage_folder.hpp"

namespace weir {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

void describe(const std::string& stage, std::uint64_t epoch, std::uint64_t committed, const fs::path& path,
              Inspection& found) {
  const auto bytes = state::read_file(path.string(), UINT64_MAX);
  if (!bytes) return;  // it went since it was listed
  ObjectWriter line(found.lines);
  line.string("stage", stage)
      .integer("epoch", static_cast<std::int64_t>(epoch))
      .boolean("committed", epoch <= committed)
      .integer("bytes", static_cast<std::int64_t>(bytes->size()));
  try {
    const state::EpochFile file = state::decode_epoch(*bytes, path.string());
    line.string("tool", file.origin.tool).integer("schema", file.origin.schema);
    if (!file.place.empty()) line.string("position", file.place);
    line.string("settings", file.origin.settings);
  } catch (const state::Unusable& problem) {
    ++found.damaged;
    line.string("problem", problem.what());
  }
  line.end();
}

}  // namespace

Inspection inspect_state(const std::string& folder) {
  Inspection found;
  const std::uint64_t committed = state::RunFolder(folder).committed();
  ObjectWriter(found.lines).string("pipeline", folder).integer("committed", static_cast<std::int64_t>(committed)).end();
  for (const fs::path& stage : entries_of(folder)) {
    if (!fs::is_directory(stage) || stage.filename() == "resume") continue;
    for (const std::uint64_t epoch : state::epochs_in(stage.string()))
      describe(stage.filename().string(), epoch, committed, stage / ("e-" + std::to_string(epoch)), found);
  }
  return found;
}

}  // namespace weir
