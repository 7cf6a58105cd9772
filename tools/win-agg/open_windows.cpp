#include "open_windows.hpp"

#include <algorithm>

namespace weir::win_agg {
namespace {

constexpr std::size_t fewest_keys_to_sweep = 1024;

}  // namespace

OpenWindows::OpenWindows(const Settings& settings, const Windows& windows, const CellLayout& layout,
                         std::size_t max_keys)
    // Without a watermark of its own: no record is far enough ahead.
    : watermark(settings.watermark == WatermarkOf::input || settings.merges ? Duration::max() : settings.lateness),
      panes(windows.make_panes(layout, max_keys)),
      keyed(windows.make_keyed(layout, max_keys)),
      store(panes ? static_cast<WindowStore&>(*panes) : *keyed),
      next_early(settings.early ? Time::min() : Time::max()) {}

void OpenWindows::catch_up(std::span<const Aggregate> found) {
  if (columns_found < found.size()) store.add_columns(found.subspan(columns_found));
  columns_found = found.size();
}

void OpenWindows::state(StateArchive& archive, std::span<const Aggregate> found) {
  archive.values(watermark, next_early);
  const auto has = archive.size(columns_found);
  if (has > found.size()) throw SnapshotError("a window has columns that were never found");
  if (archive.loading()) catch_up(found.first(has));
  store.state(archive);
}

KeyWindows::KeyWindows(const Settings& settings, const Windows& windows, const Sampler& sampler,
                       const CellLayout& layout)
    : settings_(settings),
      windows_(windows),
      sampler_(sampler),
      layout_(layout),
      keys_(settings.max_keys),
      sweep_at_(fewest_keys_to_sweep) {}

KeyWindows::Held KeyWindows::make() const { return std::make_unique<OpenWindows>(settings_, windows_, layout_, 1); }

void KeyWindows::sweep(Time upstream) {
  keys_.erase_if([&](const Held& each) { return each->is_idle() && each->watermark.now() <= upstream; });
  sweep_at_ = std::max(fewest_keys_to_sweep, keys_.size() * 2);
}

OpenWindows* KeyWindows::find(std::string_view key, Time upstream) {
  if (keys_.size() >= sweep_at_) sweep(upstream);
  KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<Held>::full) {
    sweep(upstream);
    id = keys_.find_or_add(key);
    if (id == KeyTable<Held>::full) return nullptr;
  }
  Held& held = keys_[id];
  if (held == nullptr) {
    held = make();
    held->watermark.advance(upstream);
  }
  held->catch_up(sampler_.found_columns());
  return held.get();
}

Time KeyWindows::earliest_start(Time watermark) const {
  Time earliest = Time::max();
  keys_.for_each([&](KeyId id) { earliest = std::min(earliest, keys_[id]->keyed->earliest_start(watermark)); });
  return earliest;
}

void KeyWindows::state(StateArchive& archive) {
  keys_.state(archive, [&](Held& held) {
    if (archive.loading()) held = make();
    held->state(archive, sampler_.found_columns());
  });
  archive.value(sweep_at_);
}

}  // namespace weir::win_agg
