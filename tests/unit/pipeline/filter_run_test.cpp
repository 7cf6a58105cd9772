#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "pipeline/run.hpp"
#include "record/time_field.hpp"
#include "runs.hpp"

using namespace weir;
using namespace weir::test;

namespace {

/// Becomes 1 outside of pipe-run.
constexpr int left_out = static_cast<int>(cli::Exit::left_out);

/// Holds each record until the next one, so that it has state and a last record.
class OneBehind : public Filter {
 public:
  Verdict on_record(const Record& record, Output& out) override {
    if (record[x_].kind == Kind::boolean) return Verdict::reject("x is not a number");
    if (record[x_].kind == Kind::string) {
      append_line(out.side(0), record.line());
      return Verdict::ok();
    }
    if (!held_.empty()) append_line(out.lines, held_);
    held_ = record.line();
    return Verdict::ok();
  }
  void on_unusable() override { ++unusable; }
  void on_watermark(Time, Output& out) override { append_line(out.lines, "\"seen\""); }
  Time promise(Time time) const override { return time - lateness; }
  void on_end(Output& out) override {
    if (!held_.empty()) append_line(out.lines, held_);
    held_.clear();
  }
  void state(StateArchive& archive) override { archive.value(held_); }

  int unusable = 0;
  Duration lateness{};

 private:
  FieldId x_ = fields_.add("x");
  std::string held_;
};

/// Runs of the filter in one state folder.
struct Runs {
  Folder folder;
  RunContext context;
  InputOptions input;
  OutputOptions output;
  std::string side;

  void keep_state() { input.state = {folder.file("state"), "stage", "p"}; }
  void commit(std::uint64_t epoch) const {
    std::filesystem::create_directories(input.state.folder);
    state::RunFolder(input.state.folder).write_committed(epoch, state::Durable::no);
  }
  Outcome run(const std::string& lines) {
    OneBehind filter;
    return run(filter, lines);
  }
  Outcome run(OneBehind& filter, const std::string& lines) {
    return run_over_pipes(lines, [&](Descriptors descriptors) {
      return run_filter(filter, input, output, context.context, {side}, descriptors);
    });
  }
};

}  // namespace

TEST_CASE("a filter's run: records, watermarks, unknown control lines, the end") {
  Runs runs;
  const Outcome outcome = runs.run("{\"x\":1}\n" + watermark_line(90) + "{\"x\":2}\n{\"@ctl\":\"new\"}\n{\"x\":3}");
  CHECK(outcome.out == "\"seen\"\n" + watermark_line(90) + "{\"x\":1}\n{\"@ctl\":\"new\"}\n{\"x\":2}\n{\"x\":3}\n");
  CHECK(outcome.exit == 0);
}

TEST_CASE("a filter that promises less passes its own watermark on") {
  Runs runs;
  OneBehind filter;
  filter.lateness = std::chrono::seconds(30);
  CHECK(runs.run(filter, watermark_line(90)).out == "\"seen\"\n" + watermark_line(60));
}

TEST_CASE("rejects mean exit 1 unless a file keeps them") {
  Runs runs;
  OneBehind filter;
  const std::string lines = "{\"x\":1}\nno JSON\n{\"x\":true}\n" + begin_line();
  CHECK(runs.run(filter, lines).exit == left_out);
  CHECK(filter.unusable == 2);
  runs.input.rejects = runs.folder.file("rejects");
  const Outcome outcome = runs.run(lines);
  CHECK(outcome.exit == 0);
  CHECK(outcome.out == "{\"x\":1}\n");
  const std::string rejects = runs.folder.content("rejects");
  CHECK_THAT(rejects, contains_text("\"line\":2,\"raw\":\"no JSON\""));
  CHECK_THAT(rejects, contains_text("x is not a number\",\"line\":3"));
  CHECK_THAT(rejects, contains_text("this stage keeps no state (--state or WEIR_STATE)\",\"line\":4"));
}

TEST_CASE("with --strict the first reject ends the run, after the output of the records before it") {
  Runs runs;
  runs.input.strict = true;
  const Outcome outcome = runs.run("{\"x\":1}\n{\"x\":2}\nno JSON\n{\"x\":3}\n");
  CHECK(outcome.out == "{\"x\":1}\n");
  CHECK_THAT(outcome.error, contains_text("--strict"));
}

/// Leaves out records with a "late" and counts them, and names the field x.
class Loser : public Filter {
 public:
  explicit Loser(LateOption late = {}) : option_(std::move(late)) {}
  Verdict on_record(const Record& record, Output& out) override {
    if (record[late_field_].present() && ++late_ == 1) out.messages.push_back({"late", option_.weight()});
    return Verdict::ok();
  }
  std::vector<NamedField> named_fields() const override { return {{"x", "--field"}}; }
  CountReport counts() const override { return CountReport().add_late(late_, "record", "", option_); }
  void state(StateArchive& archive) override { archive.value(late_); }

 private:
  LateOption option_;
  FieldId late_field_ = fields_.add("late");
  FieldId x_ = fields_.add("x");
  std::uint64_t late_ = 0;
};

TEST_CASE("what arises on a watermark and at the end is told, too") {
  class Teller : public Filter {
   public:
    Verdict on_record(const Record&, Output&) override { return Verdict::ok(); }
    void on_watermark(Time, Output& out) override { out.messages.push_back({"nothing came"}); }
    void on_end(Output& out) override { out.messages.push_back({"one is left"}); }
    void state(StateArchive&) override {}
  };
  Runs runs;
  Teller filter;
  // Messages go to standard error.
  const state::Descriptor usual(::dup(STDERR_FILENO));
  const state::Descriptor file(
      ::open(runs.folder.file("messages").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ::dup2(file.get(), STDERR_FILENO);
  run_over_pipes("{\"x\":1}\n" + watermark_line(90) + "{\"x\":2}\n", [&](Descriptors descriptors) {
    return run_filter(filter, runs.input, runs.output, runs.context.context, {runs.side}, descriptors);
  });
  ::dup2(usual.get(), STDERR_FILENO);
  CHECK_THAT(runs.folder.content("messages"), contains_text("line 1: nothing came"));
  CHECK_THAT(runs.folder.content("messages"), contains_text("line 3: one is left"));
}

TEST_CASE("records that were lost mean exit 1 unless an option tells where they go") {
  Runs runs;
  const auto exit_of = [&runs](LateOption late, const std::string& lines) {
    Loser filter(std::move(late));
    return run_over_pipes(lines,
                          [&](Descriptors descriptors) {
                            return run_filter(filter, runs.input, runs.output, runs.context.context, {runs.side},
                                              descriptors);
                          })
        .exit;
  };
  CHECK(exit_of({}, "{\"late\":1,\"x\":1}\n") == left_out);
  CHECK(exit_of({}, "{\"x\":1}\n") == 0);
  CHECK(exit_of({"drop"}, "{\"late\":1,\"x\":1}\n") == 0);
  CHECK(exit_of({"file"}, "{\"late\":1,\"x\":1}\n") == 0);
  CHECK(exit_of({}, "{\"y\":1}\n") == 0);  // a field that no record has is reported
  runs.input.strict = true;
  CHECK(exit_of({}, "{\"y\":1}\n") == left_out);
  CHECK(exit_of({}, "{\"x\":null}\n") == 0);
  CHECK(exit_of({}, "") == 0);
}

TEST_CASE("records that an earlier run has lost do not count in this one") {
  Runs runs;
  runs.keep_state();
  const std::string lost = begin_line() + restore_line(0) + "{\"late\":1,\"x\":1}\n" + barrier_line(1) + end_line() +
                           barrier_line(2, Barrier::final);
  const auto run = [&](const std::string& lines) {
    Loser stage;
    return run_over_pipes(lines, [&](Descriptors descriptors) {
      return run_filter(stage, runs.input, runs.output, runs.context.context, {}, descriptors);
    });
  };
  CHECK(run(lost).exit == left_out);
  runs.commit(2);
  const Outcome again =
      run(begin_line() + restore_line(2) + "{\"x\":1}\n" + end_line() + barrier_line(3, Barrier::final));
  CHECK(again.error.empty());
  CHECK(again.exit == 0);
}

TEST_CASE("a side file gets its lines, and is appended to") {
  Runs runs;
  runs.side = runs.folder.file("side");
  runs.run("{\"x\":\"a\"}\n");
  runs.run("{\"x\":\"b\"}\n{\"x\":1}\n");
  CHECK(runs.folder.content("side") == "{\"x\":\"a\"}\n{\"x\":\"b\"}\n");
}

TEST_CASE("each side file gets its own lines; one without a path is dropped") {
  /// Puts each record into the side file that its x names.
  class Sorter : public Filter {
   public:
    Verdict on_record(const Record& record, Output& out) override {
      append_line(out.side(static_cast<std::size_t>(record[x_].number().value())), record.line());
      return Verdict::ok();
    }
    void state(StateArchive&) override {}

   private:
    FieldId x_ = fields_.add("x");
  };
  const Folder folder;
  RunContext context;
  Sorter sorter;
  const std::vector<std::string> sides{folder.file("first"), "", folder.file("third")};
  const Outcome outcome = run_over_pipes("{\"x\":2}\n{\"x\":1}\n{\"x\":0}\n{\"x\":2}\n", [&](Descriptors descriptors) {
    return run_filter(sorter, {}, {}, context.context, sides, descriptors);
  });
  CHECK(outcome.exit == 0);
  CHECK(outcome.out.empty());
  CHECK(folder.content("first") == "{\"x\":0}\n");
  CHECK(folder.content("third") == "{\"x\":2}\n{\"x\":2}\n");
}

TEST_CASE("a reader that has closed ends the run") {
  std::signal(SIGPIPE, SIG_IGN);
  Runs runs;
  Ends in;
  Ends out;
  out.read.reset(-1);
  OneBehind filter;
  const auto run = [&] {
    return run_filter(filter, runs.input, runs.output, runs.context.context, {}, {in.read.get(), out.write.get()});
  };
  SECTION("while it writes") {
    const std::string lines = begin_line() + restore_line(0) + "{\"x\":1}\n{\"x\":2}\n";
    REQUIRE(::write(in.write.get(), lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
    in.write.reset(-1);
    SECTION("quietly") { CHECK_THROWS_AS(run(), cli::OutputClosed); }
    SECTION("with --state as a failure: the pipeline starts again") {
      runs.keep_state();
      CHECK(run() == cli::Exit::failed);
    }
  }
  SECTION("while it waits for input") { CHECK_THROWS_AS(run(), cli::OutputClosed); }
}

TEST_CASE("with --state the next run continues where the last committed epoch ended") {
  Runs runs;
  runs.keep_state();
  const Outcome first = runs.run(begin_line() + restore_line(0) + "{\"x\":1}\n{\"x\":2}\n" + barrier_line(1) +
                                 "{\"x\":3}\n" + barrier_line(2, Barrier::final));
  CHECK(first.exit == 0);
  CHECK(first.out == begin_line() + restore_line(0) + "{\"x\":1}\n" + barrier_line(1) + "{\"x\":2}\n" +
                         barrier_line(2, Barrier::final));
  const std::string rest = "{\"x\":4}\n" + end_line();
  SECTION("the last") {
    const Outcome second = runs.run(begin_line() + restore_line(2) + rest + barrier_line(3, Barrier::final));
    CHECK(second.out ==
          begin_line() + restore_line(2) + "{\"x\":3}\n{\"x\":4}\n" + end_line() + barrier_line(3, Barrier::final));
  }
  SECTION("or one before") {
    const Outcome second = runs.run(begin_line() + restore_line(1) + rest + barrier_line(2, Barrier::final));
    CHECK(second.out ==
          begin_line() + restore_line(1) + "{\"x\":2}\n{\"x\":4}\n" + end_line() + barrier_line(2, Barrier::final));
  }
  SECTION("but not one that is not there") { CHECK_FALSE(runs.run(begin_line() + restore_line(7)).error.empty()); }
}

TEST_CASE("with --state an input that ends before its final barrier is a failure, and nothing held comes out") {
  Runs runs;
  runs.keep_state();
  const std::string lines = begin_line() + restore_line(0) + "{\"x\":1}\n";
  const Outcome outcome = runs.run(lines);
  CHECK_THAT(outcome.error, contains_text("ended without its last barrier"));
  CHECK(outcome.out == begin_line() + restore_line(0));
  CHECK(runs.run("").exit == 0);  // no run has begun, and nothing is dropped
}

TEST_CASE("with --state lines out of order end the run") {
  Runs runs;
  runs.keep_state();
  CHECK_THAT(runs.run("{\"x\":1}\n").error, contains_text("records come from a source that keeps state too"));
  CHECK_THAT(runs.run(begin_line() + restore_line(0) + barrier_line(2)).error,
             contains_text("a barrier comes out of order"));
  runs.input.files = {"-"};
  CHECK_THAT(runs.run("").error, contains_text("not from a FILE"));
}

TEST_CASE("with --state side files and rejects belong to epochs") {
  Runs runs;
  runs.keep_state();
  runs.side = runs.folder.file("side");
  runs.commit(1);
  const Outcome outcome = runs.run(begin_line() + restore_line(0) + "{\"x\":\"a\"}\nno JSON\n" + barrier_line(1) +
                                   "{\"x\":\"b\"}\n{\"x\":1}\n");
  CHECK_FALSE(outcome.error.empty());
  CHECK(runs.folder.content("side") == "{\"x\":\"a\"}\n");  // of the committed epoch
  CHECK_THAT(runs.folder.content("state/stage/rejects"), contains_text("no JSON"));
  runs.commit(2);
  const Outcome again =
      runs.run(begin_line() + restore_line(1) + "{\"x\":\"b\"}\n{\"x\":1}\n" + barrier_line(2, Barrier::final));
  CHECK(again.exit == 0);
  CHECK(runs.folder.content("side") == "{\"x\":\"a\"}\n{\"x\":\"b\"}\n");
  CHECK(runs.folder.content("state/stage/rejects").find('\n') == runs.folder.content("state/stage/rejects").size() - 1);
}

namespace {

/// Passes records on, and orders them by time.
class ByTime : public Filter {
 public:
  explicit ByTime(std::optional<Duration> max_future)
      : time_(TimeSettings{.field = "t", .max_future = max_future, .epochs = Epochs::any}, fields_) {}

  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override {
    Time time;
    if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
    append_line(out.lines, record.line());
    return Verdict::ok();
  }
  void state(StateArchive& archive) override { static_cast<void>(archive); }

 private:
  TimeField time_;
};

Outcome run_by_time(Runs& runs, const std::string& lines, std::optional<Duration> max_future = std::chrono::hours(1)) {
  ByTime filter(max_future);
  return run_over_pipes(lines, [&](Descriptors descriptors) {
    return run_filter(filter, runs.input, runs.output, runs.context.context, {}, descriptors);
  });
}

}  // namespace

TEST_CASE("a record whose time is ahead of the stream is rejected when the next one contradicts it") {
  Runs runs;
  runs.input.rejects = runs.folder.file("rejects");
  const Outcome outcome = run_by_time(runs, "{\"t\":100}\n{\"t\":101}\n{\"t\":2085978496}\n{\"t\":102}\n{\"t\":103}\n");
  CHECK(outcome.out == "{\"t\":100}\n{\"t\":101}\n{\"t\":102}\n{\"t\":103}\n");
  CHECK_THAT(runs.folder.content("rejects"),
             contains_text("its time 2036-02-07T06:28:16Z is 24143d") && contains_text("\"line\":3"));
}

TEST_CASE("records after a pause keep their order") {
  Runs runs;
  const std::string lines = "{\"t\":100}\n{\"t\":101}\n{\"t\":9000}\n{\"t\":9001}\n{\"t\":9002}\n{\"t\":9003}\n";
  CHECK(run_by_time(runs, lines).out == lines);
}

TEST_CASE("with --state a record set aside waits in the snapshot") {
  Runs runs;
  runs.keep_state();
  const std::string begun = begin_line() + restore_line(0);
  CHECK(run_by_time(runs, begun + "{\"t\":100}\n{\"t\":101}\n{\"t\":2085978496}\n" + barrier_line(1, Barrier::final))
            .out == begun + "{\"t\":100}\n{\"t\":101}\n" + barrier_line(1, Barrier::final));
  const std::string again = begin_line() + restore_line(1);
  runs.commit(1);
  SECTION("until it is contradicted") {
    runs.commit(2);
    CHECK(run_by_time(runs, again + "{\"t\":102}\n" + end_line() + barrier_line(2, Barrier::final)).out ==
          again + "{\"t\":102}\n" + end_line() + barrier_line(2, Barrier::final));
    CHECK_THAT(runs.folder.content("state/stage/rejects"), contains_text("\"line\":5"));
  }
  SECTION("or --max-future off believes it") {
    CHECK(run_by_time(runs, again + "{\"t\":102}\n" + end_line() + barrier_line(2, Barrier::final), std::nullopt).out ==
          again + "{\"t\":102}\n{\"t\":2085978496}\n" + end_line() + barrier_line(2, Barrier::final));
  }
  SECTION("or believed") {
    const std::string later = "{\"t\":2085978500}\n{\"t\":2085978501}\n";
    CHECK(run_by_time(runs, again + later + end_line() + barrier_line(2, Barrier::final)).out ==
          again + "{\"t\":2085978496}\n" + later + end_line() + barrier_line(2, Barrier::final));
  }
}
