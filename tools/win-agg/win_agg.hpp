// The pure stage of win-agg: records in, a row for each window and key out.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"
#include "window/aggregate.hpp"
#include "window/calendar.hpp"
#include "window/pane_store.hpp"
#include "window/watermark.hpp"
#include "window/window.hpp"

namespace weir {

/// What happens to records whose window is closed already; they are counted in any case.
enum class LateRecords : std::uint8_t { leave_out, write_to_side };

/// Whether rows of windows that are still open at the end of input are written.
enum class PartialRows : std::uint8_t { write, leave_out };

/// Which end belongs to a window: [start, end) or (start, end].
enum class ClosedEnd : std::uint8_t { left, right };

/// Whether statistics() has something to say.
enum class Statistics : std::uint8_t { keep_quiet, say };

struct WinAggSettings {
  std::string time_field = "timestamp";
  TimeParser time;
  Duration every{};                      ///< length of the windows, unless `calendar` says otherwise
  std::optional<CalendarUnit> calendar;  ///< days, weeks, months or years of `zone` instead
  Zone zone;
  Time origin{};  ///< where windows of a fixed length meet
  ClosedEnd closed = ClosedEnd::left;
  Duration lateness{};
  std::optional<Duration> max_future;  ///< records further ahead of the watermark are rejected
  std::vector<std::string> by;
  std::vector<Aggregate> aggregates;  ///< none: those of every numeric field that is found
  std::size_t max_keys = 1'000'000;
  std::size_t max_fields = 64;  ///< so many numeric fields are found at most
  LateRecords late = LateRecords::leave_out;
  PartialRows partial = PartialRows::write;
  Statistics statistics = Statistics::keep_quiet;
};

/// Aggregates records over tumbling windows of event time. Late records go to the first side output.
///
/// Where the right end belongs to a window, every time is taken as one nanosecond earlier within: then (start, end] is
/// [start, end) again.
class WinAgg : public Filter {
 public:
  /// Throws std::invalid_argument when fields or columns clash.
  explicit WinAgg(const WinAggSettings& settings);

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  std::string summary() const override;
  std::string statistics(std::uint64_t records, std::uint64_t rejected) const override;

 private:
  using Windows = std::variant<TumblingWindows, CalendarWindows>;
  static Windows windows_of(const WinAggSettings& settings);
  enum class Rows : std::uint8_t { whole, partial };

  /// A numeric member of the record at hand, where the fields are found and not named.
  struct Found {
    const Member* member;
    std::optional<double> number;
  };

  bool is_too_far_ahead(Time time) const;
  Verdict read_named(const Record& record);
  Verdict read_members(const Record& record);
  void sample_members();
  std::optional<std::size_t> field_of(std::string_view name);
  std::size_t discover(std::string_view name);
  void write_late(const Record& record, Time time, Output& out);
  void close(Output& out);
  Window window_of(Time time) const {
    return std::visit([time](const auto& windows) { return windows.window_of(time); }, windows_);
  }
  PaneStore::OnRow row_writer(Output& out, Rows rows);

  WinAggSettings settings_;
  FieldSet fields_;
  FieldId time_;
  GroupKey group_;
  Windows windows_;
  Duration shift_;  ///< what is taken off every time
  Watermark watermark_;
  PaneStore panes_;
  std::optional<Time> owed_;  ///< upstream's promise that was passed on lowered
  Window window_{};           ///< of the last record: most records fall into the same
  std::vector<Sample> samples_;
  std::uint64_t absent_ = 0;
  std::uint64_t absent_now_ = 0;  ///< of the record at hand, which may yet be rejected

  std::vector<FieldId> named_;  ///< the layout's fields, where they are named

  bool discovering_;
  std::vector<std::string> not_fields_;  ///< names that are no fields to be found: the time, the keys
  std::vector<Found> found_;
  std::size_t hint_ = 0;  ///< which field is likely to come next: records are alike

  std::uint64_t in_windows_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t no_number_ = 0;
  std::uint64_t beyond_limit_ = 0;

  FieldSet late_fields_;
  FieldId late_by_;
  std::unique_ptr<RecordParser> late_parser_;
  Splicer splicer_;

  Window row_window_{};
  std::string row_opening_;  ///< of rows of row_window_
};

}  // namespace weir
