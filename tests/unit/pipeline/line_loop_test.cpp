#include "pipeline/line_loop.hpp"

#include <vector>

#include "fixtures.hpp"
#include "pipeline/input.hpp"

using namespace weir;

namespace {

constexpr std::string_view run_name = "0123456789abcdef0123456789abcdef";
constexpr std::size_t longest = 120;

/// Records every call.
class Recorder : public RecordHandler {
 public:
  Recorder() : RecordHandler(fields_with(x_), Checking::structure) {}

  Verdict on_record(const Record& record) override {
    calls.push_back("record " + std::string(record.line()));
    return record[x_].kind == Kind::boolean ? Verdict::reject("x is not a number") : Verdict::ok();
  }
  void on_unusable() override { calls.push_back("unusable"); }
  void on_watermark(Time time, std::string_view) override {
    calls.push_back("watermark " + std::to_string(time.time_since_epoch() / std::chrono::seconds(1)));
  }
  void on_unknown_control(std::string_view line) override { calls.push_back("unknown " + std::string(line)); }
  void on_begin(const Control& control, std::string_view) override { calls.push_back("begin " + control.pipe); }
  void on_restore(const Control& control, std::string_view) override {
    calls.push_back("restore " + std::to_string(control.epoch));
  }
  void on_barrier(const Control& control) override { calls.push_back("barrier " + std::to_string(control.epoch)); }
  void on_input_end(std::string_view) override { calls.push_back("end"); }

  std::vector<std::string> calls;

 private:
  static FieldSet fields_with(FieldId& x) {
    FieldSet fields;
    x = fields.add("x");
    return fields;
  }
  FieldId x_;
};

enum class State : std::uint8_t { off, on };

/// A loop that reads a pipe.
struct Reading {
  explicit Reading(State state = State::off, bool strict = false) {
    options.max_line = longest;
    options.rejects = folder.file("rejects");
    options.strict = strict;
    rejects.emplace(options, run.context);
    loop.emplace(recorder, *rejects, state == State::on ? &order : nullptr);
  }

  /// Everything that the loop calls for these lines.
  const std::vector<std::string>& read(const std::string& lines) {
    test::Ends pipe;
    REQUIRE(::write(pipe.write.get(), lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
    pipe.write.reset(-1);
    Input(options, *loop,
          {.on_block = [](InputFlow) {},
           .wait = [](std::span<pollfd> ready, WaitLimit limit) { wait_for(ready, limit); }},
          pipe.read.get())
        .run();
    return recorder.calls;
  }

  std::string rejected() {
    rejects->flush();
    return folder.content("rejects");
  }

  test::Folder folder;
  test::RunContext run;
  InputOptions options;
  std::optional<Rejects> rejects;
  EpochOrder order;
  Recorder recorder;
  std::optional<LineLoop> loop;
};

std::string begin_and_restore(std::uint64_t epoch) {
  std::string lines;
  append_begin(lines, "p", run_name);
  append_restore(lines, run_name, epoch);
  return lines;
}

using Calls = std::vector<std::string>;

}  // namespace

TEST_CASE("records are parsed, counted and numbered; blank lines only numbered") {
  Reading reading;
  CHECK(reading.read("{\"x\":1}\n\n \t\r\n{\"x\":true}\n  {\"x\":2}\n{\"x\":3}") ==
        Calls{"record {\"x\":1}", "record {\"x\":true}", "record   {\"x\":2}", "record {\"x\":3}"});
  CHECK(reading.loop->records() == 4);
  CHECK(reading.rejected() == "{\"reason\":\"x is not a number\",\"line\":4,\"raw\":\"{\\\"x\\\":true}\"}\n");
}

TEST_CASE("a stop leaves lines that have been read") {
  Reading reading;
  reading.loop->set_stop([&] { return reading.recorder.calls.size() >= 10; });
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "{\"x\":1}\n";
  CHECK(reading.read(lines).size() < 15);
}

TEST_CASE("a line that is not a record, or is too long, is a rejected record") {
  Reading reading;
  const std::string much(longest, 'y');
  CHECK(reading.read("no JSON\n{\"x\":\"" + much + "\"}\n{\"x\":4}\n") ==
        Calls{"unusable", "unusable", "record {\"x\":4}"});
  CHECK(reading.loop->records() == 3);
  CHECK(reading.rejects->count() == 2);
  CHECK_THAT(reading.rejected(), contains_text("\"line\":1,\"raw\":\"no JSON\""));
  CHECK_THAT(reading.rejected(), contains_text("longer than --max-line\",\"line\":2"));
}

TEST_CASE("a control line that is too long, or malformed, is a rejected record") {
  Reading reading;
  const std::string much(longest, 'y');
  CHECK(reading.read("{\"@ctl\":\"new\",\"x\":\"" + much + "\"}\n{\"@ctl\":17}\n{\"@ctl\":\"watermark\"}\n") ==
        Calls{"unusable", "unusable", "unusable"});
  CHECK(reading.loop->records() == 3);
  CHECK_THAT(reading.rejected(), contains_text("a malformed control line\",\"line\":2"));
  CHECK_THAT(reading.rejected(), contains_text("a malformed control line\",\"line\":3"));
}

TEST_CASE("watermarks and unknown control lines are not records") {
  Reading reading;
  std::string lines;
  append_watermark(lines, Time(std::chrono::seconds(90)));
  lines += "{\"@ctl\":\"new\",\"x\":1}\n";
  CHECK(reading.read(lines) == Calls{"watermark 90", "unknown {\"@ctl\":\"new\",\"x\":1}"});
  CHECK(reading.loop->records() == 0);
  CHECK(reading.rejected().empty());
}

TEST_CASE("without --state control lines of checkpoints are rejected records") {
  Reading reading;
  std::string lines = begin_and_restore(0);
  append_barrier(lines, 1, Barrier::middle, {});
  append_end(lines);
  CHECK(reading.read(lines) == Calls(4, "unusable"));
  CHECK(reading.loop->records() == 4);
  CHECK_THAT(reading.rejected(), contains_text("this stage keeps no state (--state or WEIR_STATE)\",\"line\":4"));
}

TEST_CASE("with --state control lines of checkpoints come in their order") {
  Reading reading(State::on);
  std::string lines = begin_and_restore(6) + "{\"x\":1}\n";
  append_barrier(lines, 7, Barrier::middle, {});
  append_end(lines);
  append_barrier(lines, 8, Barrier::final, {});
  CHECK(reading.read(lines) == Calls{"begin p", "restore 6", "record {\"x\":1}", "barrier 7", "end", "barrier 8"});
  CHECK(reading.order.is_over());
  CHECK(reading.loop->records() == 1);
}

TEST_CASE("every kind of record is subject to the order of epochs") {
  const std::string much(longest, 'y');
  for (const std::string& line : {std::string("{\"x\":1}\n"), std::string("no JSON\n"), "{\"x\":\"" + much + "\"}\n",
                                  std::string("{\"@ctl\":17}\n")}) {
    CAPTURE(line);
    Reading at_start(State::on);
    CHECK_THROWS_AS(at_start.read(line), cli::UsageError);
    CHECK(at_start.recorder.calls.empty());
    std::string ended = begin_and_restore(6);
    append_end(ended);
    Reading at_end(State::on);
    CHECK_THROWS_WITH(at_end.read(ended + line), contains_text("a record comes out of order"));
    CHECK(at_end.rejects->count() == 0);
  }
}

TEST_CASE("a control line out of order ends the run before the stage gets it") {
  Reading reading(State::on);
  std::string lines = begin_and_restore(6);
  append_barrier(lines, 9, Barrier::middle, {});
  CHECK_THROWS_WITH(reading.read(lines), contains_text("a barrier comes out of order"));
  CHECK(reading.recorder.calls == Calls{"begin p", "restore 6"});
}

TEST_CASE("with --strict the first reject ends the run") {
  Reading reading(State::off, true);
  CHECK_THROWS_AS(reading.read("{\"x\":1}\nno JSON\n{\"x\":2}\n"), StrictReject);
  CHECK(reading.recorder.calls == Calls{"record {\"x\":1}", "unusable"});
  CHECK_THAT(reading.rejected(), contains_text("\"line\":2"));
}
