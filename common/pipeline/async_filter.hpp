// The shape of a filter whose records wait for an answer from outside: a model server, a database, a lookup.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/output.hpp"
#include "pipeline/wait.hpp"
#include "record/counted.hpp"
#include "record/field_watch.hpp"
#include "record/log.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"
#include "time/future_guard.hpp"
#include "time/time_types.hpp"

namespace weir {

/// Names a record that waits for its answer.
enum class Ticket : std::uint64_t {};

/// Where an AsyncFilter puts its answers, in any order and as long as it likes; each ticket is answered once. Output is
/// in the order of the input all the same.
class Answers {
 public:
  virtual ~Answers() = default;
  /// `lines` are whole lines, or nothing.
  virtual void answer(Ticket ticket, std::string_view lines) = 0;
  /// The record cannot be used.
  virtual void reject(Ticket ticket, std::string reason) = 0;
  /// Reports a message on a record that is not answered yet, or answered by this call of the filter.
  virtual void note(Ticket ticket, const RecordMessage& message) = 0;
  /// Whether the stage takes part in checkpoints (--state).
  virtual bool keeps_state() const = 0;
  /// For messages that are about no record.
  virtual Log& log() = 0;
};

/// A filter that sends a request for each record. The run bounds the requests in flight, keeps the order, and waits
/// until all are answered before a barrier, the end of the input, and the end of the run. Watermarks keep their place
/// between the records. All parts that a filter cannot do without are pure.
class AsyncFilter {
 public:
  virtual ~AsyncFilter() = default;

  /// The fields that on_record() reads: those that the constructor puts into fields_. Asked for once, before the first
  /// record.
  virtual const FieldSet& fields() const { return fields_; }

  /// The most records that wait for an answer, at least 1; input is not read while so many do.
  virtual std::size_t most_in_flight() const = 0;

  /// As those of Filter.
  virtual FutureGuard* future_guard() { return nullptr; }
  virtual std::vector<NamedField> named_fields() const { return {}; }
  virtual CountReport counts() const { return {}; }

  /// Called once, before the first record; `answers` outlives the run.
  virtual void start(Answers& answers) = 0;

  /// One record. The filter answers its ticket now, or sends a request and answers later. A rejected record needs no
  /// answer.
  virtual Verdict on_record(const Record& record, Ticket ticket) = 0;

  /// A watermark, and the end of the input: returns true where the filter answers the ticket, with lines that come
  /// before the control line or the end.
  virtual bool on_watermark(Time time, Ticket ticket) {
    static_cast<void>(time);
    static_cast<void>(ticket);
    return false;
  }
  virtual bool on_end(Ticket ticket) {
    static_cast<void>(ticket);
    return false;
  }

  /// Blocks until one of the filter's own descriptors or of `also` is ready, or `limit` has passed; with a limit of
  /// zero it does not block. Serves its own descriptors and answers what has arrived. Time limits of requests are the
  /// filter's own: a request that gets no answer in time is rejected or sent again.
  virtual void wait(std::span<pollfd> also, WaitLimit limit) = 0;

  /// A barrier: all records before it are answered, and the snapshot is saved next. What changes here holds for the
  /// records after it.
  virtual void on_barrier() {}

  /// As Filter::state(); called while nothing is in flight.
  virtual void state(StateArchive& archive) = 0;

  /// The version of what state() saves; a snapshot of another version is refused.
  virtual std::uint32_t schema() const { return 1; }

  /// A line that is not a record was rejected: too long, not JSON, a malformed control line.
  virtual void on_unusable() {}

 protected:
  FieldSet fields_;
};

}  // namespace weir
