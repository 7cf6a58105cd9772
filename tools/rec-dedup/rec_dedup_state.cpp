// What rec-dedup keeps from one run to the next.
#include "rec_dedup.hpp"

namespace weir::rec_dedup {

void RecDedup::snapshot(SnapshotWriter& to) const {
  if (times_) times_->snapshot(to);
  keys_.snapshot(to, [](SnapshotWriter& each, const Passed& passed) {
    each.number(passed.serial);
    each.plain(passed.time);
    each.number<std::uint64_t>(passed.before ? passed.before->size() : 0);
    if (passed.before)
      for (const Time time : *passed.before) each.plain(time);
  });
  to.number<std::uint64_t>(turns_.size());
  for (const Turn& turn : turns_) to.plain(turn);
  to.plain(now_);
  to.number(serial_);
  to.number<std::uint64_t>(known_keys_);
  to.number(repeats_);
  to.number(forgotten_early_);
}

void RecDedup::restore(SnapshotReader& from) {
  if (times_) times_->restore(from);
  keys_.restore(from, [](SnapshotReader& each, Passed& passed) {
    passed.serial = each.number<std::uint64_t>();
    passed.time = each.plain<Time>();
    const auto before = each.number<std::uint64_t>();
    if (before > 0) passed.before = std::make_unique<std::deque<Time>>();
    for (std::uint64_t i = 0; i < before; ++i) passed.before->push_back(each.plain<Time>());
  });
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) turns_.push_back(from.plain<Turn>());
  now_ = from.plain<Time>();
  serial_ = from.number<std::uint64_t>();
  known_keys_ = from.number<std::uint64_t>();
  repeats_ = from.number<std::uint64_t>();
  forgotten_early_ = from.number<std::uint64_t>();
}

}  // namespace weir::rec_dedup
