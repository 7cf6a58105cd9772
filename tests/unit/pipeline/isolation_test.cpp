// A source under pipe-run, which looks for the record at which the pipeline fails.
#include <cstdlib>
#include <string>

#include "source_run.hpp"
#include "state/isolation.hpp"

using namespace weir;
using namespace weir::test;
using namespace std::chrono_literals;

namespace {

struct Counter : Source<std::uint64_t> {
  std::uint64_t number = 0;
  Step at_end;

  explicit Counter(Step end) : at_end(end) {}
  Step next(Output& out) override {
    if (number == 8) return at_end;
    for (std::uint64_t left = std::min<std::uint64_t>(out.wanted, 8 - number); left > 0; --left)
      out.lines += std::to_string(++number) + '\n';
    return Step::more;
  }
  void wait(std::span<pollfd> also, WaitLimit limit) override { wait_for(also, limit); }
  std::uint64_t position() override { return number; }
  void restore(const std::uint64_t& position) override { number = position; }
};

/// A run of which epoch 1, the numbers 1 and 2, is committed; then one that is told how to replay.
struct Replay {
  Folder folder;
  SourceOptions options;
  SinkSide sink{folder};
  AnySource::Step at_end = AnySource::Step::end;

  Replay() {
    options.state.folder = folder.path + "/state";
    options.checkpoint_records = 2;
    options.checkpoint_every = 1h;
    SourceProcess first = start();
    sink.answer(first, 0);
    CHECK(first.line() == "1");
    CHECK(first.line() == "2");
    CHECK(first.line().find(R"("barrier","epoch":1)") != std::string::npos);
    sink.commit(1);
    first.kill();
    first.wait();
    options.checkpoint_records.reset();
  }
  ~Replay() { ::unsetenv(state::isolation_variable); }

  SourceProcess start() const {
    return SourceProcess([this] { return std::make_unique<Counter>(at_end); }, options);
  }
  SourceProcess start_told(const state::Isolation& isolation) {
    ::setenv(state::isolation_variable, state::to_text(isolation).c_str(), 1);
    return start();
  }
  std::string rejects() const { return folder.content("state/source/rejects"); }
};

bool is_barrier(const std::string& line, int epoch) {
  return line.find(R"("barrier","epoch":)" + std::to_string(epoch)) != std::string::npos;
}

}  // namespace

TEST_CASE("records are set aside together with the first one after them, each epoch once the last one is committed") {
  Replay replay;
  SourceProcess source = replay.start_told({.epoch = 1, .lines = 1, .set_aside = 2, .reason = "jq ended"});
  replay.sink.answer(source, 1);
  CHECK(source.line() == "5");
  CHECK(is_barrier(source.line(), 2));
  CHECK(replay.rejects().empty());
  replay.sink.commit(2);
  CHECK(source.line() == "6");
  CHECK(is_barrier(source.line(), 3));
  wait_until([&] { return !replay.rejects().empty(); });
  const std::string rejects = replay.rejects();
  CHECK(rejects.find(R"("raw":"3"})") != std::string::npos);
  CHECK(rejects.find(R"("raw":"4"})") != std::string::npos);
  CHECK(rejects.find("jq ended") != std::string::npos);
  CHECK(std::count(rejects.begin(), rejects.end(), '\n') == 2);
}

TEST_CASE("where another epoch is restored, epochs are short and nothing is set aside") {
  Replay replay;
  SourceProcess source = replay.start_told({.epoch = 7, .lines = 4, .set_aside = 2, .reason = "x"});
  replay.sink.answer(source, 1);
  for (const char* line : {"3", "4", "5", "6"}) CHECK(source.line() == line);
  CHECK(is_barrier(source.line(), 2));
}

TEST_CASE("at the end of the input, what is left to set aside is set aside") {
  Replay replay;
  SourceProcess source = replay.start_told({.epoch = 1, .lines = 1, .set_aside = 100, .reason = "x"});
  replay.sink.answer(source, 1);
  CHECK(source.line() == R"({"@ctl":"end"})");
  CHECK(is_barrier(source.line(), 2));
  replay.sink.commit(2);
  CHECK(source.rest().empty());
  CHECK(source.wait() == 0);
  const std::string rejects = replay.rejects();
  CHECK(std::count(rejects.begin(), rejects.end(), '\n') == 6);
}

TEST_CASE("a stop before any record has passed sets nothing aside") {
  Replay replay;
  replay.at_end = AnySource::Step::idle;
  SourceProcess source = replay.start_told({.epoch = 1, .lines = 1, .set_aside = 100, .reason = "x"});
  replay.sink.answer(source, 1);
  source.stop();
  CHECK(source.rest().empty());
  CHECK(source.wait() == 1);
  CHECK(replay.rejects().empty());
}
