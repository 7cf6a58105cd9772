#include "spool_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "state/files.hpp"

namespace weir::pipe_spool {
namespace {

constexpr std::size_t block = 64 * 1024;
/// How often it is looked for lines that have come.
constexpr WaitLimit look_again{50};

}  // namespace

SpoolSource::SpoolSource(Settings settings) : settings_(std::move(settings)), reader_(settings_.folder) {
  // The writer may come later.
  if (settings_.follow) state::make_folder(settings_.folder);
}

void SpoolSource::open_state(const std::string&) { entry_.emplace(settings_.folder, settings_.name); }

/// False while there is no spool.
bool SpoolSource::begin() {
  if (entry_ && !entered_) entry_->begin_anew();
  entered_ = true;
  const auto first = reader_.first();
  if (!first) return false;
  reader_.seek(*first);
  return begun_ = true;
}

Source::Step SpoolSource::next(Output& out) {
  if (!begun_ && !begin()) {
    if (settings_.follow) return Step::idle;
    throw std::runtime_error(settings_.folder + " holds no spool");
  }
  const std::size_t before = out.lines.size();
  for (std::uint64_t left = out.wanted; left > 0 && out.lines.size() - before < block; --left) {
    const auto line = reader_.next();
    if (!line) {
      if (out.lines.size() > before) break;
      return settings_.follow ? Step::idle : Step::end;
    }
    out.lines += *line;
    out.lines += '\n';
  }
  return Step::more;
}

void SpoolSource::wait(std::span<pollfd> also, WaitLimit limit) {
  if (limit == no_limit || limit > look_again) limit = look_again;
  wait_for(also, limit);
}

void SpoolSource::snapshot(SnapshotWriter& to) {
  to.number<std::uint8_t>(begun_ ? 1 : 0);
  reader_.place().snapshot(to);
  snapshots_.push_back(begun_ ? reader_.place() : state::SpoolPlace{0, 0});
}

void SpoolSource::restore(SnapshotReader& from) {
  const bool begun = from.number<std::uint8_t>() != 0;
  const auto place = state::SpoolPlace::restored(from);
  if (!begun) return;
  reader_.seek(place);
  begun_ = true;
  entry_->note(place);
}

std::string SpoolSource::place() const {
  if (!begun_) return "no spool yet";
  return fmt::format("{}: segment {}, byte {}", settings_.folder, reader_.place().segment, reader_.place().offset);
}

void SpoolSource::committed(std::uint64_t snapshots) {
  for (; snapshots > 1 && snapshots_.size() > 1; --snapshots) snapshots_.pop_front();
  if (snapshots_.empty()) return;
  entry_->note(snapshots_.front());
  snapshots_.pop_front();
}

}  // namespace weir::pipe_spool
