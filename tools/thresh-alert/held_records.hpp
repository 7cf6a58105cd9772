// The records that alerts are written from later.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/archive.hpp"

namespace weir::thresh_alert {

/// Copies of records, each under a number from 1; a number that is released is used again.
class HeldRecords {
 public:
  /// Which of the records; `none` holds nothing.
  using Number = std::uint32_t;
  static constexpr Number none = 0;

  /// Replaces the record of a number; `none` gets a number first.
  void hold(Number& number, std::string_view line) {
    if (number == none) {
      if (free_.empty()) {
        lines_.emplace_back();
        number = static_cast<Number>(lines_.size());
      } else {
        number = free_.back();
        free_.pop_back();
      }
    }
    lines_[number - 1].assign(line);
  }

  void release(Number& number) {
    if (number == none) return;
    lines_[number - 1].clear();
    free_.push_back(number);
    number = none;
  }

  std::string_view line(Number number) const { return lines_.at(number - 1); }

  void state(StateArchive& archive) { archive.values(lines_, free_); }

 private:
  std::vector<std::string> lines_;
  std::vector<Number> free_;
};

}  // namespace weir::thresh_alert
