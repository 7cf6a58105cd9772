// A step that goes by the earlier and later records of a key: tests in time, and gaps.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cells.hpp"
#include "pipeline/output.hpp"
#include "pipeline/owed_watermark.hpp"
#include "record/counted.hpp"
#include "record/field_watch.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/time_field.hpp"

namespace weir::rec_clean {

struct StepSettings {
  std::vector<std::string> by;
  TimeSettings time;
  LateOption late;
  std::uint64_t max_held = std::uint64_t{64} << 20U;  ///< bytes of records that wait
  std::uint64_t max_keys = 1'000'000;
};

/// Follows the series of keys. A record whose values depend on later ones waits for them, and the later ones of its
/// series after it, so that their order stays.
class SeriesStep {
 public:
  /// `late` is what late records are ("not filled"). Throws std::invalid_argument on a bad path or zone.
  SeriesStep(const StepSettings& settings, std::string late, Cells& cells)
      : step_settings_(settings),
        time_(settings.time, cells.fields()),
        by_(settings.by, cells.fields()),
        late_text_(std::move(late)) {}
  virtual ~SeriesStep() = default;

  FutureGuard& guard() { return time_.guard(); }
  /// Reads the record's time and key. Rejects one without; nothing is kept yet.
  Verdict begin(const Record& record) {
    if (Verdict verdict = time_.read(record, now_); verdict.rejected()) return verdict;
    return by_.read(record, key_);
  }
  /// Finds the series of the record; `found` is false where it is of none. Rejects it where a new key finds no room.
  virtual Verdict find(const Cells& cells, bool& found) = 0;
  /// Sets the current values, and marks where they have to wait. Earlier records that wait for this one are written.
  /// Returns whether its line has to wait: hold() then takes it.
  virtual bool follow(Cells& cells, Output& out) = 0;
  virtual void hold(std::string_view line, Output& out) = 0;
  /// Whether the record is older than another one of its key.
  bool is_late() const { return late_now_; }

  void on_watermark(Time time, Output& out) {
    owed_.forget();
    if (held_ == 0) return;
    release_before(time, out);
    owed_.note(time, promise(time));
  }
  Time promise(Time time) const { return held_ == 0 ? time : std::min(time, earliest_held()); }
  void on_end(Output& out) { release_all(out); }

  virtual void state(StateArchive& archive) = 0;
  const std::vector<NamedField>& named_fields() const { return named_; }
  void add_to(CountReport& report) const {
    report.add_late_written(late_, "late record", "older than another of their key: written, " + late_text_,
                            step_settings_.late);
    add_counts(report);
    report.add(without_room_, "record", "written without the next value of its key (--max-held)");
  }

 protected:
  /// Counts a late record. `left` is what it was left out of, for the message on the first one.
  void note_late(std::string_view left, Output& out) {
    if (++late_ == 1)
      out.messages.push_back(
          {fmt::format("late: older than another record of its key, and {}", left), step_settings_.late.weight()});
  }
  /// Releases all records when those that wait take too much memory.
  void keep_room(Output& out) {
    if (held_bytes_ <= step_settings_.max_held) return;
    without_room_ += held_;
    release_all(out);
  }
  /// Passes on the watermark that was held back, once nothing waits any more.
  void pay_watermark(Output& out) {
    if (held_ == 0) owed_.pay(out);
  }

  const StepSettings step_settings_;
  std::vector<NamedField> named_;  ///< fields that options name
  TimeField time_;
  GroupKey by_;
  std::size_t held_ = 0, held_bytes_ = 0;
  std::uint64_t number_ = 0;  ///< of records that wait
  OwedWatermark owed_;
  std::uint64_t late_ = 0, without_room_ = 0;

  // the current record
  Time now_{};
  std::string_view key_;
  KeyId id_{};
  bool late_now_ = false;

 private:
  virtual void add_counts(CountReport& report) const = 0;
  /// Writes the records that wait for what cannot come any more: nothing older than `time` does.
  virtual void release_before(Time time, Output& out) = 0;
  virtual void release_all(Output& out) = 0;
  /// The time of the earliest record that waits, where one does.
  virtual Time earliest_held() const = 0;

  std::string late_text_;
};

}  // namespace weir::rec_clean
