// What the sketches write into snapshots.
#include "window/distinct.hpp"
#include "window/quantiles.hpp"
#include "window/step_mean.hpp"

namespace weir {

void Quantiles::snapshot(SnapshotWriter& to) const {
  to.number(count_);
  to.all(values_);
  to.number(sorted_);
  to.number(zeros_);
  for (const Bins* const bins : {&positive_, &negative_}) {
    to.number(bins->first);
    to.all(bins->counts);
  }
  to.number(least_);
  to.number(greatest_);
}

void Quantiles::restore(SnapshotReader& from) {
  count_ = from.number<std::uint64_t>();
  from.all(values_);
  sorted_ = from.number<bool>();
  zeros_ = from.number<std::uint64_t>();
  for (Bins* const bins : {&positive_, &negative_}) {
    bins->first = from.number<std::int32_t>();
    from.all(bins->counts);
  }
  least_ = from.number<double>();
  greatest_ = from.number<double>();
}

void Distinct::snapshot(SnapshotWriter& to) const {
  to.number<std::uint64_t>(size_);
  to.all(slots_);
  to.all(registers_);
}

void Distinct::restore(SnapshotReader& from) {
  size_ = from.number<std::uint64_t>();
  from.all(slots_);
  from.all(registers_);
}

void StepMean::snapshot(SnapshotWriter& to) const {
  to.all(points_);
  to.all(bins_);
  to.number(doublings_);
}

void StepMean::restore(SnapshotReader& from) {
  from.all(points_);
  from.all(bins_);
  doublings_ = from.number<unsigned>();
}

}  // namespace weir
