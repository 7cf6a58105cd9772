// The shape of a filter: records in, records out, time by the stream alone.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/divided.hpp"
#include "pipeline/input_flow.hpp"
#include "pipeline/output.hpp"
#include "pipeline/stage_counter.hpp"
#include "record/counted.hpp"
#include "record/field_watch.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"
#include "time/future_guard.hpp"
#include "time/time_types.hpp"

namespace weir {

/// A filter's own idea. It knows no clock, no file, no command line: the same lines in give the same lines out.
class Filter {
 public:
  Filter() = default;
  Filter(const Filter&) = delete;  // its parts may refer to each other
  Filter& operator=(const Filter&) = delete;
  virtual ~Filter() = default;

  /// The fields that on_record() reads: those that the constructor puts into fields_. Asked for once, before the first
  /// record.
  virtual const FieldSet& fields() const { return fields_; }

  /// The guard of the time that orders the records, where the filter goes by one. It belongs to the filter.
  virtual FutureGuard* future_guard() { return nullptr; }

  /// One record. What it appends to `out` must be whole lines. A rejected record must leave no trace in the stage's
  /// state.
  virtual Verdict on_record(const Record& record, Output& out) = 0;

  /// Whether passes() can be true of any record.
  virtual bool may_pass() const { return false; }
  /// Whether on_record() would only append the record as it came, with no trace in the stage. Such records go out many
  /// at once, without on_record().
  virtual bool passes(const Record& record) const {
    static_cast<void>(record);
    return false;
  }

  /// A reader for one more thread (--threads); nullptr: the filter cannot be divided. One that can says so to
  /// filter_main() by a member `reads_in_threads`.
  virtual std::unique_ptr<RecordReader> make_reader() const { return nullptr; }
  /// As on_record() of a record of which such a reader has made an entry; its line is the same.
  virtual Verdict on_read(const ReadRecord& read, Output& out) { return on_record(read.record(), out); }

  /// A line was rejected without on_record(): too long, not JSON, a malformed control line, a time not believed.
  virtual void on_unusable() {}

  /// Called after each block of input and whenever input pauses. The output must not depend on it.
  virtual void on_pause(InputFlow flow) { static_cast<void>(flow); }

  /// A watermark: no record older than `time` is expected any more. The control line is passed on after what is
  /// appended here.
  virtual void on_watermark(Time time, Output& out) {
    static_cast<void>(time);
    static_cast<void>(out);
  }

  /// The watermark for later stages when one of `time` has come, asked for after on_watermark(): earlier than `time`
  /// where older records are still held. The filter appends the missing watermark once they are out (OwedWatermark).
  virtual Time promise(Time time) const { return time; }

  /// The input is finished: append what is still held.
  virtual void on_end(Output& out) { static_cast<void>(out); }

  /// All that the lines so far have left in the stage: a new stage with the same settings that loads it continues with
  /// the same bytes. Called between two lines. A filter without state has an empty body.
  virtual void state(StateArchive& archive) = 0;

  /// The version of what state() saves; a snapshot of another version is refused.
  virtual std::uint32_t schema() const { return 1; }

  /// The paths of the side files, in the order of Output::side(); an empty path drops what is written to it.
  virtual std::vector<std::string> side_files() const { return {}; }

  /// The fields that options name, for a report of those that no record has.
  virtual std::vector<NamedField> named_fields() const { return {}; }

  /// What the stage has counted so far, always in the same order: reported once a minute and at the end.
  virtual CountReport counts() const { return {}; }

  /// Counters of its own for --metrics.
  virtual std::vector<StageCounter> own_counters() const { return {}; }

  /// A message on where the records went, after counts(), or nothing: `records` lines were not control lines, and
  /// `rejected` of them could not be used, whether the filter saw them or not.
  virtual std::string statistics(std::uint64_t records, std::uint64_t rejected) const {
    static_cast<void>(records);
    static_cast<void>(rejected);
    return {};
  }

 protected:
  FieldSet fields_;
};

}  // namespace weir
