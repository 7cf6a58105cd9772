#include "window/increase.hpp"

#include <algorithm>
#include <utility>

namespace weir {

/// Order of values; equal doubles are told apart by their digits.
bool Increase::falls(const Reading& from, const Reading& to) {
  if (from.value != to.value) return to.value < from.value;
  return compare_digits(to.digits.view(), from.digits.view()) < 0;
}

bool Increase::comes_before(const Reading& a, const Reading& b) {
  return a.time != b.time ? a.time < b.time : falls(b, a);
}

Increase::Reading Increase::copy_of(const Reading& reading) {
  Reading copy{reading.time, reading.value, {}};
  copy.digits.assign(reading.digits.view());
  return copy;
}

void Increase::add(Time time, double value, std::string_view digits) {
  Reading made{time, value, {}};
  made.digits.assign(digits);
  const bool is_last = readings_.empty() || !comes_before(made, readings_.back());
  readings_.insert(is_last ? readings_.end() : std::upper_bound(readings_.begin(), readings_.end(), made, comes_before),
                   std::move(made));
  if (readings_.size() > many) compact();
}

void Increase::merge(const Increase& other) {
  for (const Reading& each : other.readings_) add(each.time, each.value, each.digits.view());
}

void Increase::take_last(const Increase& other) {
  if (other.empty()) return;
  readings_.clear();
  readings_.push_back(copy_of(other.readings_.back()));
}

/// Leaves out readings inside a rise, but not of the last half: what comes late mostly belongs there.
void Increase::compact() {
  if (readings_.size() % (many / 2) != 1) return;  // one pass for so many readings
  const std::size_t last = readings_.size() - many / 2;
  std::size_t kept = 1;
  for (std::size_t i = 1; i < readings_.size(); ++i) {
    const bool inside = i < last && !falls(readings_[kept - 1], readings_[i]) && !falls(readings_[i], readings_[i + 1]);
    if (!inside) {
      if (kept != i) readings_[kept] = std::move(readings_[i]);
      ++kept;
    }
  }
  readings_.resize(kept);
  if (readings_.size() > most) fold();
}

/// Sums up the first half. A reading that comes for it later is taken as one of its end.
void Increase::fold() {
  const std::size_t half = readings_.size() / 2;
  add_rises(folded_, &readings_.front(), half + 1);
  if (!first_) first_ = copy_of(readings_.front());
  readings_.erase(readings_.begin(), readings_.begin() + static_cast<std::ptrdiff_t>(half));
}

/// Adds the rises from `before` on to each reading up to `end`. Only the ends of a rise count: from its first reading,
/// or from zero after a fall, to its last.
void Increase::add_rises(DecimalSum& sum, const Reading* before, std::size_t end) const {
  const Reading* last = before;
  sum.subtract(before->digits.view());
  for (std::size_t i = 0; i < end; ++i) {
    if (falls(*last, readings_[i])) sum.add(last->digits.view());
    last = &readings_[i];
  }
  sum.add(last->digits.view());
}

DecimalSum Increase::since(const Increase* before) const {
  DecimalSum sum = folded_;
  const Reading& first = first_ ? *first_ : readings_.front();
  add_rises(sum, first_ ? &readings_.front() : &first, readings_.size());
  if (before != nullptr && !before->empty()) {
    const Reading& last = before->readings_.back();
    sum.add(first.digits.view());
    if (!falls(last, first)) sum.subtract(last.digits.view());
  }
  return sum;
}

}  // namespace weir
