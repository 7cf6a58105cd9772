#include "pipeline/checkpoint.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include "cli/errors.hpp"
#include "pipeline/sink_answer.hpp"
#include "pipeline/stop_limit.hpp"

namespace weir {
namespace {

/// Snapshots kept before the committed one: `commit` may be one too low after a kill between the commit and its note.
constexpr std::uint64_t spare_epochs = 2;

/// The state's folder, which need not be there yet.
const std::string& as_folder(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored) && !std::filesystem::is_directory(path, ignored))
    throw cli::UsageError(fmt::format("--state {}: this is a file, and the state is kept in a folder", path));
  return path;
}

}  // namespace

Checkpoint::Checkpoint(const StateOptions& options, const cli::Context& context, std::uint32_t schema)
    : tool_(context.log.tool()),
      id_(options.id.empty() ? tool_ : options.id),
      pipe_(options.pipe.empty() ? state::RunFolder::default_name(as_folder(options.folder)) : options.pipe),
      run_folder_(options.folder) {
  if (!state::is_stage_id(id_))
    throw cli::UsageError(
        fmt::format("--id '{}' is not a name of 1 to 64 characters from a to z, 0 to 9, - and _", id_));
  if (pipe_.empty() || pipe_.size() > 64)
    throw cli::UsageError("the pipeline's name must have 1 to 64 bytes: give --pipe or WEIR_PIPE");
  stage_ = std::make_unique<state::StageFolder>(options.folder, id_, state::Origin{tool_, schema, context.settings});
}

void Checkpoint::keep(SideFile& rejects, std::vector<SideFile>* sides) {
  rejects_ = &rejects;
  sides_ = sides;
}

void Checkpoint::for_each_side(const std::function<void(SideFile&)>& call) const {
  if (rejects_ != nullptr) call(*rejects_);
  if (sides_ == nullptr) return;
  for (SideFile& side : *sides_) call(side);
}

void Checkpoint::take(std::string_view run) {
  switch (stage_->take(run, lock_limit)) {
    case state::StageFolder::Taken::yes:
      break;
    case state::StageFolder::Taken::twin:
      throw cli::UsageError(
          fmt::format("two stages of this pipeline are called {}: give each its own name with --id", id_));
    case state::StageFolder::Taken::no:
      throw std::runtime_error(fmt::format("{} is in use by another run of this pipeline", stage_->path()));
  }
  run_ = run;
  for_each_side([&](SideFile& side) {
    const std::string usual = &side == rejects_ ? stage_->path() + "/rejects" : "";
    if (side.wanted() || !usual.empty()) side.keep_epochs(usual);
  });
}

bool Checkpoint::rebuilds(std::uint64_t epoch) const {
  const char* const asked = std::getenv(rebuild_variable);
  if (epoch == 0 || asked == nullptr || *asked == '\0') return false;
  const auto saved = stage_->epochs();  // later ones were never committed
  return saved.empty() || saved.front() > epoch;
}

void Checkpoint::restore(std::uint64_t epoch, const std::function<void(SnapshotReader&)>& stage) {
  guarded([&] {
    epoch_ = epoch;
    const bool made_again = rebuilds(epoch);
    stage_->keep(0, epoch);  // later epochs of an earlier run were never committed
    if (epoch == 0 || made_again) return;
    // Earlier snapshots hold bytes that the side files may not have yet.
    for (const std::uint64_t each : stage_->epochs()) {
      const state::EpochFile file = stage_->read(each);
      SnapshotReader reader(file.payload());
      for_each_side([&](SideFile& side) { side.restore(reader, each); });
      if (each != epoch) continue;
      stage(reader);
      reader.finish();
      tidy(epoch);
      return;
    }
    stage_->read(epoch, run_folder_.noted_as());  // throws: it is not there
  });
}

bool Checkpoint::restore_start(const std::function<void(SnapshotReader&)>& stage) {
  return guarded([&] {
    const auto file = stage_->read_start();
    if (!file) return false;
    SnapshotReader reader(file->payload());
    stage(reader);
    reader.finish();
    return true;
  });
}

void Checkpoint::save_start(const std::function<void(SnapshotWriter&)>& stage) { stage_->write_start(stage); }

void Checkpoint::save(const std::function<void(SnapshotWriter&)>& stage, std::string_view position) {
  const auto began = std::chrono::steady_clock::now();
  const auto fill = [&](SnapshotWriter& writer) {
    for_each_side([&](SideFile& side) { side.snapshot(writer, epoch_ + 1); });
    stage(writer);
  };
  stage_->write(epoch_ + 1, fill, position);
  ++epoch_;
  asked_ = asked_early_ = false;
  took_ = std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

void Checkpoint::look_at_memory(std::uint64_t held, std::uint64_t most) {
  if (asked_) return;
  for_each_side([&](SideFile& side) { held += side.held(); });
  if (held < most) return;
  run_folder_.ask_for_barrier();
  asked_ = true;
}

void Checkpoint::ask_for_early_end() {
  if (asked_early_) return;
  run_folder_.ask_for_early_end(epoch_ + 1);
  asked_early_ = true;
}

void Checkpoint::amend(std::string_view rejects, const std::function<void(SnapshotWriter&)>& stage) {
  stage_->write(epoch_, [&](SnapshotWriter& writer) {
    for_each_side(
        [&](SideFile& side) { side.amend(writer, epoch_, &side == rejects_ ? rejects : std::string_view()); });
    stage(writer);
  });
}

std::uint64_t Checkpoint::last_saved() const {
  const auto saved = stage_->epochs();
  return saved.empty() ? 0 : saved.back();
}

void Checkpoint::tidy(std::uint64_t committed) {
  for_each_side([&](SideFile& side) { side.publish(committed); });
  // Later snapshots stay: a run that is stopped before it has restored anything calls this too.
  const std::uint64_t first = committed > spare_epochs ? committed - spare_epochs : 0;
  stage_->keep(first, std::numeric_limits<std::uint64_t>::max(), committed);
}

bool Checkpoint::awaits_commit() const {
  bool awaits = false;
  for_each_side([&](const SideFile& side) { awaits = awaits || !side.all_published(); });
  return awaits;
}

void Checkpoint::tidy_at_end(int output) {
  await_last_commit(output, [this] {
    tidy();
    return !awaits_commit();
  });
}

}  // namespace weir
