// What win-agg keeps from one run to the next.
#include "win_agg.hpp"

namespace weir::win_agg {

void Sampler::snapshot(SnapshotWriter& to) const {
  to.number<std::uint64_t>(found_columns_.size());
  for (const Aggregate& column : found_columns_) {
    to.plain(column.function);
    to.number(column.quantile);
    to.text(column.field);
    to.text(column.name);
  }
  to.number<std::uint64_t>(samples_.size());
  to.number(absent_);
  to.number(no_number_);
  to.number(beyond_limit_);
}

void Sampler::restore(SnapshotReader& from) {
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    Aggregate column;
    column.function = from.plain<Function>();
    column.quantile = from.number<double>();
    column.field = from.text();
    column.name = from.text();
    column.every_field = true;
    found_columns_.push_back(std::move(column));
  }
  samples_.resize(from.number<std::uint64_t>());
  absent_ = from.number<std::uint64_t>();
  no_number_ = from.number<std::uint64_t>();
  beyond_limit_ = from.number<std::uint64_t>();
}

void Clock::snapshot(SnapshotWriter& to) const {
  watermark.snapshot(to);
  to.plain(next_early);
  to.number<std::uint64_t>(columns_found);
  store.snapshot(to);
}

void Clock::restore(SnapshotReader& from, std::span<const Aggregate> found) {
  watermark.restore(from);
  next_early = from.plain<Time>();
  const auto has = from.number<std::uint64_t>();
  if (has > found.size()) throw SnapshotError("a window has columns that were never found");
  catch_up(found.first(has));
  store.restore(from);
}

void WinAgg::snapshot(SnapshotWriter& to) const {
  sampler_.snapshot(to);
  stream_.snapshot(to);
  key_clocks_.snapshot(to, [](SnapshotWriter& each, const std::unique_ptr<Clock>& clock) { clock->snapshot(each); });
  to.number<std::uint64_t>(sweep_at_);
  to.plain(announced_);
  to.number(owed_.has_value());
  to.plain(owed_.value_or(Time{}));
  to.number(in_windows_);
  to.number(late_);
  to.number(taken_late_);
}

void WinAgg::restore(SnapshotReader& from) {
  sampler_.restore(from);
  stream_.restore(from, sampler_.found_columns());
  key_clocks_.restore(from, [this](SnapshotReader& each, std::unique_ptr<Clock>& clock) {
    clock = std::make_unique<Clock>(settings_, CellLayout(sampler_.columns()), 1);
    clock->restore(each, sampler_.found_columns());
  });
  sweep_at_ = from.number<std::uint64_t>();
  announced_ = from.plain<Time>();
  const bool owes = from.number<bool>();
  const auto owed = from.plain<Time>();
  if (owes) owed_ = owed;
  in_windows_ = from.number<std::uint64_t>();
  late_ = from.number<std::uint64_t>();
  taken_late_ = from.number<std::uint64_t>();
}

}  // namespace weir::win_agg
