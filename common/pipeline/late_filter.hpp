// A filter that goes by the times of its records, and sets late ones aside.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/filter.hpp"
#include "record/counted.hpp"
#include "record/time_field.hpp"

namespace weir {

/// Has the field with the time, whose guard orders the stream, and the side file of late records, which is its first.
class LateFilter : public Filter {
 public:
  FutureGuard* future_guard() override { return &time_.guard(); }
  std::vector<std::string> side_files() const override { return {late_option_.path()}; }

 protected:
  /// Throws std::invalid_argument on a bad path or zone.
  LateFilter(const TimeSettings& time, const LateOption& late) : time_(time, fields_), late_option_(late) {}

  /// Counts a late record, and appends it to the side file. `text` makes the message on the first one.
  template <typename Text>
  void set_aside(const Record& record, Output& out, Text text) {
    if (++late_ == 1) out.messages.push_back({text(), late_option_.weight()});
    append_line(out.side(0), record.line());
  }

  CountReport& add_late(CountReport& report, std::string_view noun, std::string what) const {
    return report.add_late(late_, noun, std::move(what), late_option_);
  }

  /// Of late records that are written all the same.
  CountReport& add_late_written(CountReport& report, std::string_view noun, std::string what) const {
    return report.add_late_written(late_, noun, std::move(what), late_option_);
  }

  TimeField time_;
  std::uint64_t late_ = 0;  ///< how many; the stage's state has it

 private:
  LateOption late_option_;
};

}  // namespace weir
