#include "spool_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "state/files.hpp"

namespace weir::pipe_spool {
namespace {

constexpr std::size_t block = 64 * 1024;
/// The pause between two looks for new lines.
constexpr WaitLimit look_again{50};

}  // namespace

SpoolSource::SpoolSource(Settings settings) : settings_(std::move(settings)), reader_(settings_.folder) {}

void SpoolSource::start(SourceHost& host) {
  if (settings_.follow) state::make_folder(settings_.folder);  // the writer may come later
  if (!host.folder().empty()) entry_.emplace(settings_.folder, settings_.name);
}

void SpoolSource::begin() {
  if (entry_) entry_->begin_anew();
}

/// False while there is no spool.
bool SpoolSource::open_spool() {
  const auto first = reader_.first();
  if (!first) return false;
  reader_.seek(*first);
  return open_ = true;
}

AnySource::Step SpoolSource::next(Output& out) {
  if (!open_ && !open_spool()) {
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

void SpoolSource::restore(const Position& position) {
  if (!position) return begin();
  reader_.seek(*position);
  open_ = true;
}

std::string SpoolSource::position_text() const {
  if (!open_) return "no spool yet";
  return fmt::format("{}: segment {}, byte {}", settings_.folder, reader_.position().segment,
                     reader_.position().offset);
}

void SpoolSource::committed(const Position& position) { entry_->note(position.value_or(state::SpoolPosition{0, 0})); }

}  // namespace weir::pipe_spool
