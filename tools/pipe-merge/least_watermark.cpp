#include "least_watermark.hpp"

#include <algorithm>

namespace weir::pipe_merge {

void LeastWatermark::promise(std::size_t input, Time time) {
  std::optional<Time>& known = inputs_[input].time;
  known = std::max(time, known.value_or(time));
}

std::optional<Time> LeastWatermark::advance() {
  std::optional<Time> least;
  for (const Input& input : inputs_) {
    if (input.ended) continue;
    if (!input.time) return std::nullopt;
    least = std::min(*input.time, least.value_or(*input.time));
  }
  if (!least || (given_ && *least <= *given_)) return std::nullopt;
  given_ = least;
  return least;
}

}  // namespace weir::pipe_merge
