// The pure stage of win-agg: records in, a row for each window and key out.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "late_records.hpp"
#include "merged_rows.hpp"
#include "open_windows.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/owed_watermark.hpp"
#include "record/group_key.hpp"
#include "record/time_field.hpp"
#include "row_output.hpp"
#include "sampler.hpp"
#include "settings.hpp"
#include "time/saturating.hpp"
#include "time_keys.hpp"
#include "windows.hpp"

namespace weir::win_agg {

/// Aggregates records over windows of event time. Late records go to the first side file, copies of those that closed
/// windows took to the second.
class WinAgg : public Filter {
 public:
  /// Throws std::invalid_argument when settings cannot be used, or fields or columns clash.
  explicit WinAgg(const Settings& settings);

  /// A message for the begin of the run where settings may not mean what was meant, or nothing.
  std::string hint() const;

  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  /// --threads: other threads read time, key and samples of records; windows are of one thread.
  static constexpr bool reads_in_threads = true;
  std::unique_ptr<RecordReader> make_reader() const override;
  Verdict on_read(const ReadRecord& read, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::uint32_t schema() const override { return 2; }
  std::vector<std::string> side_files() const override { return late_.side_files(); }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;
  std::string statistics(std::uint64_t records, std::uint64_t rejected) const override;

 private:
  class Reader;
  Verdict read(const Record& record, Time& time, std::string_view& key);
  /// A row of win-agg belongs to the window that holds its own, which ends with it at the latest.
  Time shifted(Time time, bool is_window_end) const {
    return saturating_subtract(time, is_window_end || merged_ ? std::max(shift_, Duration(1)) : shift_);
  }
  template <typename RecordOf>
  Verdict take(Time time, std::string_view key, RecordOf record, Output& out);
  template <typename RecordOf>
  Verdict take_tumbling(OpenWindows& open, RecordOf record, Time time, std::string_view key, Output& out);
  template <typename RecordOf>
  Verdict take_keyed(OpenWindows& open, RecordOf record, Time time, std::string_view key, Output& out);
  void take_sample(OpenWindows& open);
  Time seen(const OpenWindows& open) const { return saturating_add(open.watermark.greatest(), shift_); }
  Verdict no_room() const;
  void close(OpenWindows& open, Output& out);
  void close_keys(Output& out);
  template <typename Function>
  void for_each_open(Function function);
  void announce(Output& out);
  bool by_key() const { return settings_.watermark == WatermarkOf::key; }
  void check_names() const;
  void report_begun(Time time, Output& out);

  Settings settings_;
  TimeField time_;
  GroupKey group_;
  TimeKeys time_keys_;
  Windows windows_;
  Duration shift_;  ///< what is taken off every time
  Sampler sampler_;
  CellLayout layout_;   ///< without found columns
  OpenWindows stream_;  ///< with a watermark per key: upstream's watermark, and no windows
  KeyWindows keys_;     ///< with a watermark per key
  RowOutput rows_;
  std::optional<CellText> parts_;     ///< with --partial and --merge
  std::optional<MergedRows> merged_;  ///< with --merge
  Time seen_ = Time::min();           ///< the greatest time that writers of partial rows have seen
  LateRecords late_;
  std::uint64_t in_windows_ = 0;
  std::vector<std::string> begun_;  ///< columns that the state did not have, until they are reported
  Window window_{};                 ///< of the last record: most records fall into the same window
  Time announced_ = Time::min();    ///< the last watermark written by --watermarks
  OwedWatermark owed_;
};

}  // namespace weir::win_agg
