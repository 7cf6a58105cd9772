// What thresh-alert keeps from one run to the next.
#include "thresh_alert.hpp"

namespace weir::thresh_alert {

void ThreshAlert::snapshot(SnapshotWriter& to) const {
  to.number<std::uint64_t>(rules_.size());
  for (const Rule& rule : rules_) to.text(rule.name);
  keys_.snapshot(to, [](SnapshotWriter& each, const Held& held) { each.number(held.ready); });
  to.number<std::uint64_t>(states_.size());
  for (const RuleState& state : states_) to.plain(state);
  to.number<std::uint64_t>(generations_.size());
  for (const std::uint32_t generation : generations_) to.number(generation);
  auto deadlines = deadlines_;
  to.number<std::uint64_t>(deadlines.size());
  for (; !deadlines.empty(); deadlines.pop()) to.plain(deadlines.top());
  to.plain(clock_);
  to.number(forgotten_);
  to.number<std::uint64_t>(futile_);
  to.number(late_);
  to.number(unknown_);
}

void ThreshAlert::restore(SnapshotReader& from) {
  // The rules of a file are not among the options that stand in the snapshot.
  bool same = from.number<std::uint64_t>() == rules_.size();
  for (std::size_t i = 0; same && i < rules_.size(); ++i) same = from.text() == rules_[i].name;
  if (!same)
    throw SnapshotError("the state is that of other rules; start with the same ones, or with a new state folder");
  keys_.restore(from, [](SnapshotReader& each, Held& held) { held.ready = each.number<bool>(); });
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) states_.push_back(from.plain<RuleState>());
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) generations_.push_back(from.number<std::uint32_t>());
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) deadlines_.push(from.plain<Deadline>());
  clock_ = from.plain<Time>();
  forgotten_ = from.number<std::uint64_t>();
  futile_ = from.number<std::uint64_t>();
  late_ = from.number<std::uint64_t>();
  unknown_ = from.number<std::uint64_t>();
}

}  // namespace weir::thresh_alert
