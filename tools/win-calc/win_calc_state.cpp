// What win-calc keeps from one run to the next.
#include "win_calc.hpp"

namespace weir::win_calc {

void WinCalc::snapshot(SnapshotWriter& to) const {
  to.number<std::uint64_t>(held_.size());
  for (const auto& [frame, joined] : held_) {
    to.plain(frame);
    joined.groups.snapshot(to, [](SnapshotWriter& each, const Group& group) {
      each.number<std::uint64_t>(group.given.size());
      for (const Given& given : group.given) each.plain(given);
      each.number<std::uint64_t>(group.made.size());
      for (const Made& made : group.made) each.plain(made);
      each.plain(group.start);
      each.number(group.over);
      each.number(group.has_start);
      each.number(group.has_partial);
      each.number(group.has_rev);
    });
    to.number<std::uint64_t>(joined.pending);
    to.plain(joined.start);
  }
  to.number<std::uint64_t>(groups_);
  to.plain(now_);
  to.plain(finished_);
  to.number(owed_.has_value());
  to.plain(owed_.value_or(Time{}));
  to.number(late_);
  to.number(not_newer_);
  to.number(incomplete_);
  to.number(failed_);
}

void WinCalc::restore(SnapshotReader& from) {
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    const auto frame = from.plain<Frame>();
    Joined& joined = held_.try_emplace(frame, settings_.max_windows).first->second;
    joined.groups.restore(from, [](SnapshotReader& each, Group& group) {
      for (auto given = each.number<std::uint64_t>(); given > 0; --given) group.given.push_back(each.plain<Given>());
      for (auto made = each.number<std::uint64_t>(); made > 0; --made) group.made.push_back(each.plain<Made>());
      group.start = each.plain<Time>();
      group.over = each.number<bool>();
      group.has_start = each.number<bool>();
      group.has_partial = each.number<bool>();
      group.has_rev = each.number<bool>();
    });
    joined.pending = from.number<std::uint64_t>();
    joined.start = from.plain<Time>();
  }
  groups_ = from.number<std::uint64_t>();
  now_ = from.plain<Time>();
  finished_ = from.plain<Time>();
  const bool owes = from.number<bool>();
  const auto owed = from.plain<Time>();
  if (owes) owed_ = owed;
  late_ = from.number<std::uint64_t>();
  not_newer_ = from.number<std::uint64_t>();
  incomplete_ = from.number<std::uint64_t>();
  failed_ = from.number<std::uint64_t>();
}

}  // namespace weir::win_calc
