// The pure stage of win-agg: records in, a row for each window and key out.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clock.hpp"
#include "gathered_rows.hpp"
#include "having.hpp"
#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "row_writer.hpp"
#include "sampler.hpp"
#include "settings.hpp"
#include "time/timestamp.hpp"
#include "time_keys.hpp"
#include "top_rows.hpp"
#include "window/aggregate.hpp"
#include "window/calendar.hpp"
#include "window/pane_store.hpp"
#include "window/watermark.hpp"
#include "window/window.hpp"

namespace weir::win_agg {

/// Aggregates records over windows of event time. Late records go to the first side output, copies of those that were
/// taken late to the second.
class WinAgg : public Filter {
 public:
  /// Throws std::invalid_argument when fields or columns clash.
  explicit WinAgg(const WinAggSettings& settings);

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override {
    archive.saving() ? snapshot(archive.writer()) : restore(archive.reader());
  }
  void snapshot(SnapshotWriter& to) const;
  void restore(SnapshotReader& from);
  std::string summary() const override;
  std::string statistics(std::uint64_t records, std::uint64_t rejected) const override;

 private:
  using Windows = std::variant<TumblingWindows, CalendarWindows>;
  static Windows windows_of(const WinAggSettings& settings);

  Verdict read(const Record& record, Time& time, std::string_view& key);
  Verdict too_far_ahead(const Clock& clock, Time time) const;
  Verdict take_tumbling(Clock& clock, const Record& record, Time time, std::string_view key, Output& out);
  Verdict take_keyed(Clock& clock, const Record& record, Time time, std::string_view key, Output& out);
  void take_sample(Clock& clock);
  Verdict no_room() const;
  void take_late(const Clock& clock, const Record& record, Time time, Output& out);
  void count_taken_late(const Clock& clock, const Record& record, Time time, Output& out);
  void write_late(const Clock& clock, const Record& record, Time time, std::string& side);
  Clock* clock_of(std::string_view key);
  void close(Clock& clock, Output& out);
  void close_keys(Output& out);
  void give_gathered(Output& out);
  void pay_owed(Output& out);
  void announce(Output& out);
  Window window_of(Time time) const {
    return std::visit([time](const auto& windows) { return windows.window_of(time); }, windows_);
  }
  Time next_early_of(Time now) const;
  bool is_wanted(const Clock& clock, const WindowRow& row, Completeness rows);
  enum class Way : std::uint8_t { straight, gathered };
  WindowStore::OnRow on_row(const Clock& clock, Completeness rows, Way way, Output& out);

  WinAggSettings settings_;
  FieldSet fields_;
  FieldId time_;
  GroupKey group_;
  TimeKeys time_keys_;
  Windows windows_;
  Duration shift_;  ///< what is taken off every time
  Sampler sampler_;
  Clock stream_;                                 ///< with a watermark per key: upstream's watermark, and no windows
  KeyTable<std::unique_ptr<Clock>> key_clocks_;  ///< with a watermark per key
  std::size_t sweep_at_;
  std::optional<Having> having_;
  Time announced_ = Time::min();  ///< the last watermark of its own that was written
  std::optional<Time> owed_;      ///< upstream's promise that was passed on lowered
  Window window_{};               ///< of the last record: most records fall into the same
  RowWriter writer_;
  std::optional<TopRows> top_;
  GatheredRows gathered_;

  std::uint64_t in_windows_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t taken_late_ = 0;

  FieldSet late_fields_;
  FieldId late_by_;
  std::unique_ptr<RecordParser> late_parser_;
  Splicer splicer_;
};

}  // namespace weir::win_agg
