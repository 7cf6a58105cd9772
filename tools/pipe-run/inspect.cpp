#include "inspect.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "record/object_writer.hpp"
#include "state/atomic_file.hpp"
#include "state/attachment.hpp"
#include "state/stage_folder.hpp"

namespace weir::pipe_run {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// `stage` is the stage's folder within the whole.
void describe(const std::string& stage, std::uint64_t epoch, std::uint64_t committed, const fs::path& path,
              Inspection& found) {
  const auto bytes = state::read_file(path.string(), UINT64_MAX);
  if (!bytes) return;  // removed since it was listed
  ObjectWriter line(found.lines);
  line.string("stage", stage)
      .integer("epoch", static_cast<std::int64_t>(epoch))
      .boolean("committed", epoch <= committed)
      .integer("bytes", static_cast<std::int64_t>(bytes->size()));
  std::error_code none;
  if (const auto size = fs::file_size(state::attachment_path(path.parent_path().string(), epoch), none); !none)
    line.integer("attached", static_cast<std::int64_t>(size));
  try {
    const state::EpochFile file = state::decode_epoch(*bytes, path.string());
    line.string("tool", file.origin.tool).integer("schema", file.origin.schema);
    if (!file.position.empty()) line.string("position", file.position);
    line.string("settings", file.origin.settings);
  } catch (const state::Unusable& problem) {
    ++found.damaged;
    line.string("problem", problem.what());
  }
  line.end();
}

/// A folder in a pipeline's folder belongs to a stage or to an input of pipe-merge, which is a pipeline of its own.
bool is_stage(const fs::path& folder) { return fs::is_regular_file(folder / "lock"); }

bool is_pipeline(const fs::path& folder) {
  const auto entries = entries_of(folder);
  return std::any_of(entries.begin(), entries.end(), [](const fs::path& each) {
    return each.filename() != "resume" && fs::is_directory(each) && is_stage(each);
  });
}

/// `prefix` stands before the names of the stages of an input.
void inspect_pipeline(const fs::path& folder, const std::string& prefix, Inspection& found) {
  const std::uint64_t committed = state::RunFolder(folder.string()).committed();
  ObjectWriter(found.lines)
      .string("pipeline", folder.string())
      .integer("committed", static_cast<std::int64_t>(committed))
      .end();
  std::vector<fs::path> inputs;
  for (const fs::path& stage : entries_of(folder)) {
    if (!fs::is_directory(stage) || stage.filename() == "resume") continue;
    if (!is_stage(stage) && !fs::is_symlink(stage) && is_pipeline(stage)) {
      inputs.push_back(stage);
      continue;
    }
    for (const std::uint64_t epoch : state::epochs_in(stage.string()))
      describe(prefix + stage.filename().string(), epoch, committed, stage / ("e-" + std::to_string(epoch)), found);
  }
  for (const fs::path& input : inputs) inspect_pipeline(input, prefix + input.filename().string() + '/', found);
}

}  // namespace

Inspection inspect_state(const std::string& folder) {
  Inspection found;
  inspect_pipeline(folder, "", found);
  return found;
}

}  // namespace weir::pipe_run
