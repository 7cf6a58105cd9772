#include <fcntl.h>

#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "source_run.hpp"
#include "state/epoch_file.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

/// Counts upwards. Writes the calls that it gets to a file.
struct Counter : Source<std::uint64_t> {
  std::string notes;
  std::uint64_t from = 0;  ///< where a first run begins
  std::uint64_t next_number = 0;
  std::uint64_t until = 0;  ///< after this number comes `last`
  Step last = Step::end;
  std::string memory = "m";
  std::string more;  ///< a file with the count of further numbers, which comes while the source is idle
  std::uint64_t added = 0;

  Counter(const std::string& folder, std::uint64_t first, std::uint64_t end, Step at_end)
      : notes(folder + "/notes"), from(first), until(end), last(at_end), more(folder + "/more") {}

  void note(const std::string& text) const { std::ofstream(notes, std::ios::app) << text << '\n'; }

  void begin() override {
    next_number = from;
    note("begin");
  }
  Step next(Output& out) override {
    if (next_number >= until && last == Step::idle && std::ifstream(more) >> added) {
      std::filesystem::remove(more);
      until += added;
    }
    if (next_number >= until) return last;
    for (std::uint64_t left = std::min<std::uint64_t>(out.wanted, 10); left > 0 && next_number < until; --left)
      out.lines += std::to_string(next_number++) + '\n';
    return Step::more;
  }
  void wait(std::span<pollfd> also, WaitLimit limit) override {
    constexpr WaitLimit look(5);  // at the file of further numbers
    wait_for(also, limit == no_limit ? look : std::min(limit, look));
  }
  void written() override { note("written " + std::to_string(next_number)); }
  void finish(Output& out) override { out.lines += "held\n"; }
  void close() override { note("close"); }
  std::uint64_t position() override { return next_number; }
  void restore(const std::uint64_t& position) override {
    next_number = position;
    note("restore " + std::to_string(position) + ' ' + memory);
  }
  void committed(const std::uint64_t& position) override { note("committed " + std::to_string(position)); }
  void state(StateArchive& archive) override {
    if (archive.saving()) memory = "at" + std::to_string(next_number);
    archive.value(memory);
  }
};

struct Run {
  Folder folder;
  SourceOptions options;
  std::uint64_t from = 0;
  std::uint64_t until = 25;
  AnySource::Step last = AnySource::Step::end;
  std::string settings;  ///< options that determine the state

  explicit Run(bool with_state) {
    if (!with_state) return;
    options.state.folder = folder.path + "/state";
    options.checkpoint_records = 10;
    options.checkpoint_every = 1h;
  }
  SourceProcess start() const {
    return SourceProcess([this] { return std::make_unique<Counter>(folder.path, from, until, last); }, options,
                         settings);
  }
  std::string notes() const { return folder.content("notes"); }
  bool noted(const std::string& text) const { return notes().find(text + '\n') != std::string::npos; }
};

std::string numbers(std::uint64_t from, std::uint64_t until) {
  std::string lines;
  for (; from < until; ++from) lines += std::to_string(from) + '\n';
  return lines;
}

std::string barrier(std::uint64_t epoch) { return R"({"@ctl":"barrier","epoch":)" + std::to_string(epoch); }

/// Reads up to the barrier of an epoch; returns the lines before it.
std::string up_to_barrier(SourceProcess& source, std::uint64_t epoch) {
  std::string lines;
  for (std::string line = source.line(); !line.empty(); line = source.line()) {
    if (line.starts_with(barrier(epoch))) return lines;
    lines += line + '\n';
  }
  FAIL("the output ends before barrier " << epoch << " after: " << lines);
  return lines;
}

}  // namespace

TEST_CASE("without state: all lines, then those of finish(); written() comes after the last line, then close()") {
  const Run run(false);
  SourceProcess source = run.start();
  CHECK(source.rest() == numbers(0, 25) + "held\n");
  CHECK(source.wait() == 0);
  CHECK(run.notes() == "begin\nwritten 25\nclose\n");
}

TEST_CASE("written() is called before the source waits, and a stop ends the run with finish()") {
  Run run(false);
  run.last = AnySource::Step::idle;
  SourceProcess source = run.start();
  for (int i = 0; i < 25; ++i) CHECK(source.line() == std::to_string(i));
  wait_until([&] { return run.noted("written 25"); });
  CHECK_FALSE(run.noted("close"));
  source.stop();
  CHECK(source.rest() == "held\n");
  CHECK(source.wait() == 0);
  CHECK(run.notes().ends_with("close\n"));
}

TEST_CASE("a heartbeat comes while the source is idle") {
  Run run(false);
  run.last = AnySource::Step::idle;
  run.until = 1;
  run.options.heartbeat = 10ms;
  SourceProcess source = run.start();
  CHECK(source.line() == "0");
  CHECK(source.line().starts_with(R"({"@ctl":"watermark","time":")"));
  CHECK(source.line().starts_with(R"({"@ctl":"watermark","time":")"));
  source.stop();
  CHECK(source.rest().ends_with("held\n"));
  CHECK(source.wait() == 0);
}

TEST_CASE("a reader that has closed ends the run quietly, and close() is not called") {
  Run run(false);
  run.last = AnySource::Step::idle;
  SourceProcess source = run.start();
  CHECK(source.line() == "0");
  source.close_output();
  CHECK(source.wait() == 0);
  CHECK_FALSE(run.noted("close"));
}

TEST_CASE("epochs: a barrier after a number of lines, and each commit reports the position of its epoch") {
  Run run(true);
  run.until = 40;
  run.last = AnySource::Step::idle;
  SinkSide sink(run.folder);
  SourceProcess source = run.start();
  sink.answer(source, 0);
  CHECK(up_to_barrier(source, 1) == numbers(0, 10));
  sink.commit(1);
  CHECK(up_to_barrier(source, 2) == numbers(10, 20));
  CHECK(up_to_barrier(source, 3) == numbers(20, 30));
  CHECK(up_to_barrier(source, 4) == numbers(30, 40));
  sink.commit(3);  // two at once: the later one counts
  source.stop();
  CHECK(up_to_barrier(source, 5).empty());
  CHECK(source.wait() == 0);
  CHECK(run.notes().find("committed 30\n") != std::string::npos);
  CHECK_FALSE(run.noted("committed 20"));
  CHECK_FALSE(run.noted("committed 40"));
}

TEST_CASE("an epoch that cannot end when it is due, as 64 are on their way, ends at a multiple of its lines") {
  Run run(true);
  run.options.checkpoint_records = 10;
  run.until = 667;
  run.last = AnySource::Step::idle;
  SinkSide sink(run.folder);
  SourceProcess source = run.start();
  sink.answer(source, 0);
  for (std::uint64_t epoch = 1; epoch <= 64; ++epoch)
    CHECK(up_to_barrier(source, epoch) == numbers(10 * (epoch - 1), 10 * epoch));
  for (std::uint64_t number = 640; number < 667; ++number) CHECK(source.line() == std::to_string(number));
  sink.commit(1);  // three lines short of a multiple: the epoch goes on, however often the source looks
  std::this_thread::sleep_for(100ms);
  std::ofstream(run.folder.path + "/more") << "13\n";
  CHECK(up_to_barrier(source, 65) == numbers(667, 670));
  for (std::uint64_t number = 670; number < 680; ++number) CHECK(source.line() == std::to_string(number));
  sink.commit(64);  // exactly there, and nothing has come since
  CHECK(up_to_barrier(source, 66).empty());
  source.stop();
  CHECK(up_to_barrier(source, 67).empty());
  CHECK(source.wait() == 0);
}

TEST_CASE("a heartbeat is no line of an epoch that waits for its end") {
  Run run(true);
  run.options.heartbeat = 5ms;
  run.until = 650;
  run.last = AnySource::Step::idle;
  SinkSide sink(run.folder);
  SourceProcess source = run.start();
  sink.answer(source, 0);
  for (std::uint64_t epoch = 1; epoch <= 64; ++epoch) up_to_barrier(source, epoch);
  while (!source.line().starts_with(R"({"@ctl":"watermark")")) continue;  // after the ten lines of the next epoch
  sink.commit(64);
  CHECK(('\n' + up_to_barrier(source, 65)).find("\n6") == std::string::npos);  // watermarks alone
  source.stop();
  CHECK(source.rest().find(barrier(66)) != std::string::npos);
  CHECK(source.wait() == 0);
}

TEST_CASE("an epoch ends early where a stage has asked for that epoch, and one before it is committed") {
  using Then = std::function<void(SourceProcess&)>;
  const auto run = [](std::uint64_t asked, std::uint64_t committed, const Then& then) {
    Run each(true);
    each.options.checkpoint_every = 8s;
    each.last = AnySource::Step::idle;
    SinkSide sink(each.folder);
    SourceProcess source = each.start();
    sink.answer(source, 0);
    up_to_barrier(source, 1);
    up_to_barrier(source, 2);
    if (committed > 0) sink.commit(committed);
    state::RunFolder(each.folder.path + "/state").ask_for_early_end(asked);
    then(source);
  };
  // Another run goes on from an epoch; how long checkpoints took is in its folder.
  const auto run_again = [](std::chrono::milliseconds took, const Then& then) {
    Run each(true);
    each.options.checkpoint_every = 8s;
    each.last = AnySource::Step::idle;
    for (const std::uint64_t epoch : {0U, 2U}) {
      SinkSide sink(each.folder);
      SourceProcess source = each.start();
      sink.answer(source, epoch);
      if (epoch == 0) {
        up_to_barrier(source, 1);
        up_to_barrier(source, 2);
        continue;
      }
      const state::RunFolder folder(each.folder.path + "/state");
      folder.write_pace(took);
      for (std::uint64_t number = 20; number < 25; ++number) CHECK(source.line() == std::to_string(number));
      folder.ask_for_early_end(3);
      then(source);
    }
  };
  const auto ends_at_stop = [](SourceProcess& source) {  // its last barrier is the first one of the epoch
    source.stop();
    const std::string rest = source.rest();
    CHECK(rest.find(barrier(3)) < rest.find(R"("final":true)"));
    CHECK(rest.find(barrier(3)) == rest.rfind(R"({"@ctl":)"));
  };
  run(2, 1, [&](SourceProcess& of_another) {
    run(3, 0, [&](SourceProcess& without_commit) {
      run_again(1s, [&](SourceProcess& after_long) {
        run(3, 1, [&](SourceProcess& asked) {
          run_again(0s, [&](SourceProcess& again) { CHECK(up_to_barrier(again, 3).empty()); });
          CHECK(up_to_barrier(asked, 3) == numbers(20, 25));
        });
        for (SourceProcess* const each : {&of_another, &without_commit, &after_long}) ends_at_stop(*each);
      });
    });
  });
}

TEST_CASE("killed: the next run restores the committed epoch, exactly") {
  Run run(true);
  run.last = AnySource::Step::idle;
  run.until = 30;
  {
    SinkSide sink(run.folder);
    SourceProcess source = run.start();
    sink.answer(source, 0);
    CHECK(up_to_barrier(source, 1) == numbers(0, 10));
    CHECK(up_to_barrier(source, 2) == numbers(10, 20));
    source.kill();
    source.wait();
  }
  std::ofstream(run.folder.path + "/notes").close();
  run.last = AnySource::Step::end;
  SinkSide sink(run.folder);
  SourceProcess source = run.start();
  sink.answer(source, 1);
  CHECK(up_to_barrier(source, 2) == numbers(10, 20));
  CHECK(source.rest().starts_with(numbers(20, 30)));
  CHECK(source.wait() == 0);
  CHECK(run.notes().starts_with("restore 10 at10\ncommitted 10\n"));
  CHECK_FALSE(run.noted("begin"));
}

TEST_CASE("nothing committed: the next run begins where the first one did, unless its options differ") {
  Run run(true);
  run.from = 7;
  for (const bool first : {true, false}) {
    std::ofstream(run.folder.path + "/notes").close();
    SinkSide sink(run.folder);
    SourceProcess source = run.start();
    sink.answer(source, 0);
    CHECK(up_to_barrier(source, 1) == numbers(7, 17));
    source.kill();
    source.wait();
    CHECK(run.noted("begin") == first);
    CHECK(run.noted("restore 7 at7") == !first);
    CHECK(run.notes().find("committed") == std::string::npos);
    run.from = 9;  // the second run must not request it
  }
  std::ofstream(run.folder.path + "/notes").close();
  run.settings = "--other=1";
  SinkSide sink(run.folder);
  SourceProcess source = run.start();
  sink.answer(source, 0);
  CHECK(up_to_barrier(source, 1) == numbers(9, 19));
  CHECK(run.noted("begin"));
}

TEST_CASE("no sink answers: a stop ends the wait") {
  const Run run(true);
  SourceProcess source = run.start();
  CHECK(source.line().starts_with(R"({"@ctl":"begin")"));
  source.stop();
  CHECK(source.rest().empty());
  CHECK(source.wait() == 0);
  CHECK_FALSE(run.noted("begin"));
}

TEST_CASE("the end of a finite source: the lines of finish(), end, the last barrier") {
  Run run(true);
  run.until = 5;
  SinkSide sink(run.folder);
  SourceProcess source = run.start();
  sink.answer(source, 0);
  const std::string all = source.rest();
  CHECK(all.starts_with(numbers(0, 5) + "held\n{\"@ctl\":\"end\"}\n" + barrier(1)));
  CHECK(all.find(R"("final":true)") != std::string::npos);
  CHECK(source.wait() == 0);
  CHECK(run.noted("close"));
}

TEST_CASE("the number of rejects is reported while a source runs, not only at its end") {
  /// Rejects until the number is reported. Its messages go to a file.
  struct Rejecting : Source<std::uint64_t> {
    explicit Rejecting(std::string file) : messages(std::move(file)) {}
    void start(SourceHost& run) override {
      host = &run;
      const int fd = ::open(messages.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      ::dup2(fd, STDERR_FILENO);
    }
    Step next(Output&) override {
      ++number;
      host->reject_from({"topic", "site/heater"}, number, "x", number == 7 ? "odd" : "bad");
      const bool reported = content_of(messages).find("so far ") != std::string::npos;
      return reported && number > 7 ? Step::end : Step::more;
    }
    void wait(std::span<pollfd> also, WaitLimit limit) override { wait_for(also, limit); }
    std::uint64_t position() override { return number; }
    void restore(const std::uint64_t&) override {}
    std::string messages;
    std::uint64_t number = 0;
    SourceHost* host = nullptr;
  };
  const Folder folder;
  SourceOptions options;
  options.rejects.report_every = 1ms;
  SourceProcess source([&] { return std::make_unique<Rejecting>(folder.path + "/messages"); }, options);
  CHECK(source.rest().empty());
  CHECK(source.wait() == static_cast<int>(cli::Exit::left_out));
  CHECK(folder.content("messages").find(" rejected") != std::string::npos);
  CHECK(folder.content("messages").find("site/heater: odd: x") != std::string::npos);  // the first of its kind
}
