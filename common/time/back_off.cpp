#include "time/back_off.hpp"

#include <algorithm>

namespace weir {

Duration BackOff::pause(unsigned n) {
  Duration whole = first_;
  for (unsigned i = 1; i < n && whole < longest_; ++i) whole *= 2;
  whole = std::min(whole, longest_);
  return Duration(std::uniform_int_distribution<Duration::rep>(whole.count() / 2, whole.count())(random_));
}

}  // namespace weir
