#include "merge_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "cli/errors.hpp"
#include "state/atomic_file.hpp"

namespace weir::pipe_merge {
namespace {

int open_input(const std::string& path) {
  // Opening a FIFO must not block: its writer may wait until the next input is open.
  const int fd =
      path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) throw cli::UsageError(path + ": " + std::generic_category().message(errno));
  return fd;
}

/// Whether a line stands in braces, as an object does.
bool is_bracketed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  const std::size_t last = line.find_last_not_of(" \t\r");
  return first < last && last < line.size() && line[first] == '{' && line[last] == '}';
}

/// Whether a stage in this folder belongs to a run.
bool holds_run(const std::string& folder, const std::string& run) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string lock = entry.path().string() + "/lock";
    if (!std::filesystem::is_regular_file(lock, none)) continue;
    if (const auto owner = state::read_file(lock); owner && *owner == run) return true;
  }
  return false;
}

}  // namespace

MergeInput::MergeInput(std::size_t index, const std::string& path, MergedStream& stream, Checkpoints checkpoints,
                       const std::string& root, std::size_t max_line, Checking checking)
    : index_(index),
      path_(path),
      stream_(stream),
      root_(root),
      file_(open_input(path)),
      reader_(file_.get(), max_line),
      order_(path),
      checking_(checking),
      parser_(FieldSet(), Checking::every_token),
      lines_(*this, stream.rejects(), checkpoints == Checkpoints::on ? &order_ : nullptr) {}

MergeInput::Read MergeInput::read() {
  const LineReader::Fill fill = reader_.fill();
  if (checking_ == Checking::every_token) lines_.prepare(reader_.pending());
  take_lines();
  return fill == LineReader::Fill::end && !held_ ? Read::end : Read::lines;
}

void MergeInput::take_lines() {
  lines_.set_file(path_);
  while (!held_) {
    const auto line = reader_.next();
    if (!line) return;
    lines_.take(*line);
  }
}

void MergeInput::end() {
  done_ = true;
  file_.reset(-1);
  stream_.watermark().end(index_);
  stream_.pass_watermark();
}

void MergeInput::answer() const {
  const state::RunFolder run_folder = folder();
  run_folder.write_committed(epoch_, state::Durable::no);
  run_folder.write_resume(order_.run(), epoch_);
}

Verdict MergeInput::on_line(const Line& line) {
  has_news_ = true;
  if (checking_ == Checking::every_token) {
    if (parser_.parse(line.text, line.number) == nullptr) return Verdict::reject(parser_.reason());
  } else if (!is_bracketed(line.text)) {
    return Verdict::reject(not_an_object);
  }
  append_line(stream_.lines(), line.text);
  return Verdict::ok();
}

void MergeInput::on_watermark(Time time, std::string_view) {
  has_news_ = true;
  stream_.watermark().promise(index_, time);
  stream_.pass_watermark();
}

void MergeInput::on_unknown_control(std::string_view line) {
  has_news_ = true;
  append_line(stream_.lines(), line);
}

void MergeInput::on_begin(const Control& control, std::string_view) {
  if (!state::is_stage_id(control.pipe))
    throw cli::UsageError(
        fmt::format("{}: its pipeline's name '{}' is that of its folder, and must be made of a to z, 0 to 9, - and _",
                    path_, control.pipe));
  const std::string its_folder = root_ + '/' + control.pipe;
  if (!holds_run(its_folder, control.run))
    throw cli::UsageError(fmt::format("{} keeps its state somewhere else than in {}: start it with WEIR_STATE={}/NAME",
                                      path_, its_folder, root_));
  name_ = control.pipe;
  folder().write_resume(control.run, std::nullopt);
}

void MergeInput::on_restore(const Control& control, std::string_view) {
  if (control.epoch != epoch_) throw std::runtime_error(path_ + ": a restore of another epoch than it was told");
  held_ = true;
}

void MergeInput::on_barrier(const Control& control) {
  epoch_ = control.epoch;
  took_ = control.took;
  held_ = true;
  has_news_ = false;
}

void MergeInput::on_input_end(std::string_view) { has_news_ = true; }

}  // namespace weir::pipe_merge
