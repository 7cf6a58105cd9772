// Figures of a stage's own, beside those that every stage has.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// A sample for --metrics. Samples of one name stand one after the other.
struct StageCounter {
  std::string_view name, help;
  std::vector<std::pair<std::string_view, std::string>> labels;
  std::uint64_t count = 0;
  std::string_view type = "counter";
};

}  // namespace weir
