// The shape of a filter: records in, records out, time by the stream alone.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/output.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir {

/// A filter's own idea. It knows no clock, no file, no command line: the same lines in give the same lines out.
class Filter {
 public:
  virtual ~Filter() = default;

  /// The fields that on_record() reads; asked for once, before the first record.
  virtual const FieldSet& fields() const = 0;

  /// One record. What it appends to `out` must be whole lines. A rejected record must leave no trace in the stage's
  /// state.
  virtual Verdict on_record(const Record& record, Output& out) = 0;

  /// A line came that is no record and goes to the rejects: too long, not JSON, a malformed control line.
  virtual void on_unusable() {}

  /// Called between blocks of input and whenever input pauses; `paused` is true when there is no input right now.
  /// Nothing that comes out may depend on it.
  virtual void on_pause(bool paused) { static_cast<void>(paused); }

  /// Upstream promises that no record older than `time` comes any more. The control line itself is passed on behind
  /// what is written here.
  virtual void on_watermark(Time time, Output& out) {
    static_cast<void>(time);
    static_cast<void>(out);
  }

  /// What may be promised downstream when upstream promises `time`, asked for behind on_watermark(): earlier than
  /// `time` where older records are still held back. A filter that lowers a promise makes up for it once they are out
  /// (append_watermark).
  virtual Time promise(Time time) const { return time; }

  /// The input is finished: what is still held comes out.
  virtual void on_end(Output& out) { static_cast<void>(out); }

  /// All that the lines so far have left in the stage: a new stage with the same settings that loads it continues with
  /// the same bytes. Called between two lines. A filter without state has an empty body.
  virtual void state(StateArchive& archive) = 0;

  /// The version of what state() saves; a snapshot of another version is refused.
  virtual std::uint32_t schema() const { return 1; }

  /// The paths of the side files, in the order of Output::side(); an empty path drops what is written to it.
  virtual std::vector<std::string> side_files() const { return {}; }

  /// What a person should know at the end (`17 late records`), or nothing.
  virtual std::string summary() const { return {}; }

  /// Where the records went, said at the end behind summary() when there are words: `records` lines came in that are no
  /// control lines, `rejected` of them could not be used, whether the stage saw them or not.
  virtual std::string statistics(std::uint64_t records, std::uint64_t rejected) const {
    static_cast<void>(records);
    static_cast<void>(rejected);
    return {};
  }
};

}  // namespace weir
