#include <deque>
#include <map>

#include "pipeline/run.hpp"
#include "runs.hpp"

using namespace weir;
using namespace weir::test;

namespace {

/// Answers its requests through a pipe to itself, the last one first. `now` is answered at once, `no` is rejected
/// later.
class LastFirst : public AsyncFilter {
 public:
  explicit LastFirst(std::size_t most) : most_(most) {}

  std::size_t most_in_flight() const override { return most_; }
  void start(Answers& answers) override { answers_ = &answers; }
  Verdict on_record(const Record& record, Ticket ticket) override {
    const std::string_view x = record[x_].text;
    if (x == "bad") return Verdict::reject("x is bad");
    if (x == "note") answers_->note(ticket, {"a note"});
    if (x == "now" || x == "note") {
      answers_->answer(ticket, "\"now\"\n");
      return Verdict::ok();
    }
    in_flight_.emplace_back(ticket, std::string(x));
    greatest = std::max(greatest, in_flight_.size());
    ++sum_;
    return Verdict::ok();
  }
  /// One answer for each call, so that many calls are needed.
  void wait(std::span<pollfd> also, WaitLimit limit) override {
    wait_for(also, in_flight_.empty() ? limit : WaitLimit::zero());
    if (in_flight_.empty() || limit == WaitLimit::zero()) return;
    const auto [ticket, x] = in_flight_.back();
    in_flight_.pop_back();
    if (x == "no") {
      answers_->reject(ticket, "the server answers no");
    } else {
      answers_->answer(ticket, x.empty() ? "" : '"' + x + "\"\n");
    }
  }
  void on_barrier() override {
    CHECK(in_flight_.empty());
    CHECK(answers_->keeps_state());
    ++sum_;
  }
  std::vector<NamedField> named_fields() const override { return {{"x", "--x"}}; }
  CountReport counts() const override { return CountReport().add(sum_, "record", "asked for", Weight::work); }
  void state(StateArchive& archive) override {
    CHECK(in_flight_.empty());
    archive.value(sum_);
  }

  std::size_t greatest = 0;
  std::uint64_t sum() const { return sum_; }

 private:
  std::size_t most_;
  FieldId x_ = fields_.add("x");
  Answers* answers_ = nullptr;
  std::deque<std::pair<Ticket, std::string>> in_flight_;
  std::uint64_t sum_ = 0;
};

std::string record(const std::string& x) { return "{\"x\":\"" + x + "\"}\n"; }

struct Runs {
  Folder folder;
  RunContext context;
  InputOptions input;
  OutputOptions output;

  Outcome run(LastFirst& filter, const std::string& lines) {
    return run_over_pipes(lines, [&](Descriptors descriptors) {
      return run_async_filter(filter, input, output, context.context, descriptors);
    });
  }
};

}  // namespace

TEST_CASE("answers come out in the order of the input, control lines between them") {
  Runs runs;
  LastFirst filter(8);
  const Outcome outcome = runs.run(filter, record("a") + record("now") + watermark_line(60) + record("b") +
                                               "{\"@ctl\":\"new\"}\n" + record("") + record("c"));
  CHECK(outcome.out == "\"a\"\n\"now\"\n" + watermark_line(60) + "\"b\"\n{\"@ctl\":\"new\"}\n\"c\"\n");
  CHECK(outcome.exit == 0);
}

TEST_CASE("no more records are in flight than the filter allows") {
  for (const std::size_t most : {1U, 2U, 7U, 1000U}) {
    Runs runs;
    LastFirst filter(most);
    std::string lines;
    std::string expected;
    for (int i = 0; i < 500; ++i) {
      lines += record(std::to_string(i)) + (i % 9 == 0 ? watermark_line(i) : "");
      expected += '"' + std::to_string(i) + "\"\n" + (i % 9 == 0 ? watermark_line(i) : "");
    }
    CHECK(runs.run(filter, lines).out == expected);
    CHECK(filter.greatest <= most);
  }
}

TEST_CASE("records are rejected at once, or when their answer comes") {
  Runs runs;
  runs.input.rejects = runs.folder.file("rejects");
  LastFirst filter(3);
  const Outcome outcome =
      runs.run(filter, record("a") + record("no") + record("bad") + "no JSON\n" + record("b") + record("no"));
  CHECK(outcome.out == "\"a\"\n\"b\"\n");
  const std::string rejects = runs.folder.content("rejects");
  for (const char* part : {R"(the server answers no","line":2,"raw":"{\"x\":\"no\"}")", R"(x is bad","line":3)",
                           R"("line":4,"raw":"no JSON")", R"(the server answers no","line":6)"})
    CHECK_THAT(rejects, contains_text(part));
}

TEST_CASE("with --strict a late reject ends the run as well") {
  Runs runs;
  runs.input.strict = true;
  LastFirst filter(4);
  const Outcome outcome = runs.run(filter, record("a") + record("no") + record("b"));
  CHECK_THAT(outcome.error, contains_text("--strict"));
  CHECK(outcome.out == "\"a\"\n");
}

TEST_CASE("all requests are answered before a barrier, and the state continues") {
  Runs runs;
  runs.input.state = {runs.folder.file("state"), "stage", "p"};
  LastFirst filter(8);
  const Outcome outcome = runs.run(filter, begin_line() + restore_line(0) + record("a") + record("b") +
                                               barrier_line(1) + record("c") + barrier_line(2, Barrier::final));
  CHECK(outcome.out == begin_line() + restore_line(0) + "\"a\"\n\"b\"\n" + barrier_line(1) + "\"c\"\n" +
                           barrier_line(2, Barrier::final));
  LastFirst next(8);
  runs.run(next, begin_line() + restore_line(1) + record("d") + end_line() + barrier_line(2, Barrier::final));
  CHECK(next.sum() == 3 + 2);  // records, and the barriers that came before the snapshots
}

TEST_CASE("a message on a record does not change its answer") {
  Runs runs;
  LastFirst filter(8);
  CHECK(runs.run(filter, record("a") + record("note")).out == "\"a\"\n\"now\"\n");
}
