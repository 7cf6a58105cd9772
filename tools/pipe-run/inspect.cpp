#include "inspect.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "record/object_writer.hpp"
#include "state/atomic_file.hpp"
#include "state/attachment.hpp"
#include "state/stage_folder.hpp"

namespace weir::pipe_run {
namespace {

namespace fs = std::filesystem;

/// What is told of a snapshot.
enum class Inspected : std::uint8_t {
  every,   ///< all of it
  last,    ///< the state of its stage
  damaged  ///< nothing unless it is damaged
};

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Whole seconds since a file was written; nothing where it is gone.
std::optional<std::int64_t> age_of(const fs::path& path) {
  struct stat status {};
  timespec now{};
  if (::stat(path.c_str(), &status) != 0 || ::clock_gettime(CLOCK_REALTIME, &now) != 0) return std::nullopt;
  return std::max<std::int64_t>(now.tv_sec - status.st_mtim.tv_sec, 0);
}

/// One snapshot as a line. `stage` is the stage's folder within the whole.
void describe(const std::string& stage, std::uint64_t epoch, std::uint64_t committed, const fs::path& path,
              Inspected what, Inspection& found) {
  const auto bytes = state::read_file(path.string(), UINT64_MAX);
  if (!bytes) return;  // removed since it was listed
  std::optional<state::EpochFile> file;
  std::string problem;
  try {
    file = state::decode_epoch(*bytes, path.string());
  } catch (const state::Unusable& unusable) {
    problem = unusable.what();
    ++found.damaged;
  }
  if (what == Inspected::damaged && file) return;
  ObjectWriter line(found.lines);
  line.string("stage", stage).integer("epoch", static_cast<std::int64_t>(epoch));
  if (what == Inspected::every) {
    line.boolean("committed", epoch <= committed);
  } else {
    line.integer("lag", static_cast<std::int64_t>(epoch > committed ? epoch - committed : 0));
  }
  if (const auto age = age_of(path)) line.integer("age_s", *age);
  line.integer("bytes", static_cast<std::int64_t>(bytes->size()));
  std::error_code none;
  if (const auto size = fs::file_size(state::attachment_path(path.parent_path().string(), epoch), none); !none)
    line.integer("attached", static_cast<std::int64_t>(size));
  if (file && what == Inspected::every) line.string("tool", file->origin.tool).integer("schema", file->origin.schema);
  if (file && !file->position.empty()) line.string("position", file->position);
  if (file && what == Inspected::every) line.string("settings", file->origin.settings);
  if (!file) line.string("problem", problem);
  line.end();
}

/// The last snapshot of a stage, and those that are damaged; or every one.
void describe_stage(const std::string& stage, const fs::path& folder, std::uint64_t committed, Snapshots wanted,
                    Inspection& found) {
  const std::vector<std::uint64_t> epochs = state::epochs_in(folder.string());
  for (const std::uint64_t epoch : epochs) {
    const Inspected what = wanted == Snapshots::every ? Inspected::every
                           : epoch == epochs.back()   ? Inspected::last
                                                      : Inspected::damaged;
    describe(stage, epoch, committed, folder / ("e-" + std::to_string(epoch)), what, found);
  }
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
void inspect_pipeline(const fs::path& folder, const std::string& prefix, Snapshots wanted, Inspection& found) {
  const std::uint64_t committed = state::RunFolder(folder.string()).committed();
  ObjectWriter line(found.lines);
  line.string("pipeline", folder.string()).integer("committed", static_cast<std::int64_t>(committed));
  if (const auto age = age_of(folder / "commit")) line.integer("age_s", *age);
  line.end();
  std::vector<fs::path> inputs;
  for (const fs::path& stage : entries_of(folder)) {
    if (!fs::is_directory(stage) || stage.filename() == "resume") continue;
    if (!is_stage(stage) && !fs::is_symlink(stage) && is_pipeline(stage)) {
      inputs.push_back(stage);
      continue;
    }
    describe_stage(prefix + stage.filename().string(), stage, committed, wanted, found);
  }
  for (const fs::path& input : inputs) inspect_pipeline(input, prefix + input.filename().string() + '/', wanted, found);
}

}  // namespace

Inspection inspect_state(const std::string& folder, Snapshots wanted) {
  Inspection found;
  inspect_pipeline(folder, "", wanted, found);
  return found;
}

}  // namespace weir::pipe_run
