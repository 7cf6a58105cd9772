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
#include "having.hpp"
#include "sampler.hpp"
#include "time/timestamp.hpp"
#include "time_keys.hpp"
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
  Zone zone;                             ///< also of the parts of the time in `by`
  std::optional<Duration> size;          ///< of windows that overlap, one every `every`
  std::optional<Duration> gap;           ///< sessions instead, of records with pauses shorter than this
  std::optional<std::uint64_t> count;    ///< windows of so many records instead
  Time origin{};                         ///< where windows of a fixed length meet
  ClosedEnd closed = ClosedEnd::left;
  Duration lateness{};
  Duration allow_late{};               ///< so long closed windows still take records
  std::optional<Duration> early;       ///< rows of open windows at every multiple of this
  std::optional<Duration> max_future;  ///< records further ahead of the watermark are rejected
  std::vector<std::string> by;
  std::vector<Aggregate> aggregates;  ///< none: those of every numeric field that is found
  std::string having;                 ///< a condition: only rows for which it holds are written; empty: all
  std::size_t max_keys = 1'000'000;
  std::size_t max_fields = 64;                       ///< so many numeric fields are found at most
  LateRecords late = LateRecords::leave_out;         ///< beyond allow_late
  LateRecords late_copies = LateRecords::leave_out;  ///< within
  PartialRows partial = PartialRows::write;
  Statistics statistics = Statistics::keep_quiet;
};

/// Throws std::invalid_argument, in the words of the options, when settings do not go together.
void check(const WinAggSettings& settings);

/// Aggregates records over windows of event time. Late records go to the first side output, copies of those that were
/// taken late to the second.
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

  bool is_too_far_ahead(Time time) const;
  Verdict read(const Record& record, Time& time, std::string_view& key);
  Verdict take_tumbling(const Record& record, Time time, std::string_view key, Output& out);
  Verdict take_keyed(const Record& record, Time time, std::string_view key, Output& out);
  Verdict no_room() const;
  void take_late(const Record& record, Time time, Output& out);
  void count_taken_late(const Record& record, Time time, Output& out);
  void write_late(const Record& record, Time time, std::string& side);
  void close(Output& out);
  Window window_of(Time time) const {
    return std::visit([time](const auto& windows) { return windows.window_of(time); }, windows_);
  }
  WindowStore::OnRow row_writer(Output& out, Rows rows);

  WinAggSettings settings_;
  FieldSet fields_;
  FieldId time_;
  GroupKey group_;
  TimeKeys time_keys_;
  Windows windows_;
  Duration shift_;  ///< what is taken off every time
  Watermark watermark_;
  Sampler sampler_;
  std::unique_ptr<PaneStore> panes_;         ///< windows side by side
  std::unique_ptr<KeyedWindowStore> keyed_;  ///< all others
  WindowStore& store_;                       ///< whichever there is
  std::optional<Having> having_;
  Time next_early_ = Time::max();
  std::optional<Time> owed_;  ///< upstream's promise that was passed on lowered
  Window window_{};           ///< of the last record: most records fall into the same

  std::uint64_t in_windows_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t taken_late_ = 0;

  FieldSet late_fields_;
  FieldId late_by_;
  std::unique_ptr<RecordParser> late_parser_;
  Splicer splicer_;

  Window row_window_{};
  std::string row_opening_;  ///< of rows of row_window_
};

}  // namespace weir
