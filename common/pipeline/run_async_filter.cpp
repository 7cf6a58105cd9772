#include <algorithm>
#include <utility>
#include <vector>

#include "pipeline/middle_run.hpp"
#include "pipeline/run.hpp"

namespace weir {
namespace {

/// Lines on their way out, in the order of the input. A place is taken for each record and control line and holds what
/// comes out there; places are used again, so that they cost no memory of their own.
class Places {
 public:
  struct Place {
    bool done = false;
    std::string lines;
    std::string raw;     ///< the record, for its reject
    std::string reason;  ///< of a reject; empty when it is not rejected
    std::uint64_t line = 0;
  };

  explicit Places(std::size_t most) : places_(std::max<std::size_t>(most, 1)) {}

  bool empty() const { return first_ == end_; }
  bool full() const { return end_ - first_ == places_.size(); }

  /// The next place, cleared; the places must not be full.
  Ticket add() {
    Place& place = at(end_);
    place.done = false;
    place.lines.clear();
    place.raw.clear();
    place.reason.clear();
    return Ticket{end_++};
  }

  Place& operator[](Ticket ticket) { return at(static_cast<std::uint64_t>(ticket)); }

  /// The first place where it is done, else nullptr.
  Place* first_done() { return !empty() && at(first_).done ? &at(first_) : nullptr; }
  void drop_first() { ++first_; }

  /// Whether this ticket is the only one.
  bool is_alone(Ticket ticket) const {
    return end_ - first_ == 1 && static_cast<std::uint64_t>(ticket) == first_;
  }

  /// Takes back the last place.
  void drop_last() { --end_; }

 private:
  Place& at(std::uint64_t number) { return places_[number % places_.size()]; }

  std::vector<Place> places_;
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
};

class AsyncFilterRun : public MiddleRun, private Answers {
 public:
  AsyncFilterRun(AsyncFilter& filter, const MiddleSetup& setup)
      : MiddleRun(setup), filter_(filter), places_(filter.most_in_flight()) {}

 private:
  void on_start() override { filter_.start(*this); }

  Verdict on_record(const Record& record) override {
    run_report().look(record);
    make_room();
    const Ticket ticket = places_.add();
    Places::Place& place = places_[ticket];
    place.line = record.line_number();
    Verdict verdict = filter_.on_record(record, ticket);
    if (verdict.rejected()) {
      places_.drop_last();
    } else if (!place.done || !place.reason.empty()) {  // it may still be rejected
      place.raw = record.line();
    }
    take_answers();
    return verdict;
  }

  void on_unusable() override { filter_.on_unusable(); }

  /// Control lines keep their place between the records.
  void on_watermark(Time time, std::string_view line) override {
    give_ticket([&](Ticket ticket) { return filter_.on_watermark(time, ticket); });
    on_unknown_control(line);
  }
  void on_unknown_control(std::string_view line) override {
    make_room();
    Places::Place& place = places_[places_.add()];
    append_line(place.lines, line);
    place.done = true;
    take_answers();
  }

  void answer(Ticket ticket, std::string_view lines) override {
    Places::Place& place = places_[ticket];
    place.done = true;
    if (places_.is_alone(ticket)) {
      out().lines += lines;  // nothing is before it
    } else {
      place.lines = lines;
    }
  }

  void reject(Ticket ticket, std::string reason) override {
    Places::Place& place = places_[ticket];
    place.reason = std::move(reason);
    place.done = true;
  }

  void note(Ticket ticket, const RecordMessage& message) override { rejects().message(places_[ticket].line, message); }

  bool keeps_state() const override { return MiddleRun::keeps_state(); }
  Log& log() override { return MiddleRun::log(); }

  void on_block(InputFlow) override {
    filter_.wait({}, WaitLimit::zero());
    take_answers();
  }

  void wait_for_own(std::span<pollfd> also, WaitLimit limit) override {
    filter_.wait(also, limit);
    take_answers();
  }

  void make_room() {
    while (places_.full()) wait_for_answer();
  }

  void complete() override {
    while (!places_.empty()) wait_for_answer();
  }

  void finish() override {
    give_ticket([this](Ticket ticket) { return filter_.on_end(ticket); });
    complete();
  }

  /// Gives the filter a ticket that belongs to no record.
  template <typename Give>
  void give_ticket(Give give) {
    make_room();
    const Ticket ticket = places_.add();
    places_[ticket].line = records();
    if (!give(ticket)) places_.drop_last();
    take_answers();
  }

  void wait_for_answer() { wait_for_outside("stopping: not all requests have been answered"); }

  void take_answers() {
    while (Places::Place* const place = places_.first_done()) {
      places_.drop_first();
      if (place->reason.empty()) {
        out().lines += place->lines;
      } else {
        rejects().reject(place->line, place->raw, place->reason);
      }
    }
    write_block();
  }

  void on_snapshot() override { filter_.on_barrier(); }
  void state(StateArchive& archive) override { filter_.state(archive); }

  CountReport counts() const override { return filter_.counts(); }

  AsyncFilter& filter_;
  Places places_;
};

}  // namespace

cli::Exit run_async_filter(AsyncFilter& filter, const InputOptions& input, const OutputOptions& output,
                           cli::Context& context, Descriptors descriptors) {
  return AsyncFilterRun(filter, {.fields = filter.fields(),
                                 .input = input,
                                 .context = context,
                                 .guard = filter.future_guard(),
                                 .schema = filter.schema(),
                                 .named = filter.named_fields(),
                                 .unbuffered = output.unbuffered,
                                 .descriptors = descriptors})
      .run();
}

}  // namespace weir
