#include "pipeline/sink_run.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "cli/signals.hpp"
#include "fixtures.hpp"
#include "pipeline/sink.hpp"
#include "record/control.hpp"

using namespace weir;

namespace {

using Calls = std::vector<std::string>;

/// The input of a run, written line by line.
struct Script {
  std::string text;

  Script& begin(char run, std::uint64_t epoch) {
    append_begin(text, "pipe", std::string(32, run));
    append_restore(text, std::string(32, run), epoch);
    return *this;
  }
  Script& records(int from, int to) {
    for (int n = from; n <= to; ++n) text += "{\"n\":" + std::to_string(n) + "}\n";
    return *this;
  }
  Script& barrier(std::uint64_t epoch, Barrier kind = Barrier::middle) {
    append_barrier(text, epoch, kind, {});
    return *this;
  }
  Script& end(std::uint64_t epoch) {
    append_end(text);
    return barrier(epoch, Barrier::final);
  }
};

/// Whether the source is still there after the script.
enum class Source { gone, there };

/// A state folder, and runs that read a script from a pipe.
struct Pipeline {
  test::Folder folder;
  InputOptions options;

  Pipeline() { options.state.folder = folder.file("state"); }

  cli::Exit run(SinkStage& sink, SinkEpochs* shape, const Script& script, Source source = Source::gone) {
    test::RunContext context;
    test::Ends ends;
    ::fcntl(ends.write.get(), F_SETPIPE_SZ, 1 << 20);
    REQUIRE(::write(ends.write.get(), script.text.data(), script.text.size()) ==
            static_cast<ssize_t>(script.text.size()));
    if (source == Source::gone) ends.write.reset(-1);
    return SinkRun(sink, shape, options, context.context, ends.read.get()).run();
  }
  std::string file(const std::string& name) const { return folder.content("state/" + name); }
  std::string rejects() const { return file("test/rejects"); }
};

/// The store outside all runs, like a database.
struct Store {
  std::uint64_t epoch = 0;
  std::string run;
  std::vector<std::string> rows;
};

/// Puts records into a Store; a test can make its commits slow, failing or refused.
class StoreSink : public TransactionSink {
 public:
  explicit StoreSink(Store& store) : store_(store) { fields_.read_members(); }

  int polls = 1;               ///< calls of commit() for an epoch
  bool one_at_a_time = false;  ///< no record is taken during a commit
  std::function<void(std::uint64_t)> before_commit = [](std::uint64_t) {};
  std::vector<Refusal> refuse;
  std::vector<NamedField> named;
  Calls calls;

  std::vector<NamedField> named_fields() const override { return named; }
  void start(SinkHost& host) override { host_ = &host; }
  std::uint64_t fence(const PipelineRun& run) override {
    store_.run = run.run;
    return store_.epoch;
  }
  Verdict on_record(const Record& record) override {
    calls.emplace_back(record.line());
    held_.emplace_back(record.line());
    return Verdict::ok();
  }
  bool ready() override { return !one_at_a_time || left_ == 0; }
  std::uint64_t held_bytes() const override { return 0; }
  bool commit(std::uint64_t epoch) override {
    if (left_ == 0) {
      left_ = polls;
      going_.swap(held_);
    }
    if (--left_ > 0) return false;
    if (!refuse.empty()) host_->refuse(refuse);
    before_commit(epoch);
    if (epoch != store_.epoch + 1) throw std::runtime_error("another run has taken over");
    store_.epoch = epoch;
    store_.rows.insert(store_.rows.end(), going_.begin(), going_.end());
    going_.clear();
    calls.push_back("commit " + std::to_string(epoch));
    return true;
  }
  bool finish() override {
    calls.emplace_back("finish");
    return ++finished_ >= polls;
  }
  void close() override { calls.emplace_back("close"); }

 private:
  Store& store_;
  SinkHost* host_ = nullptr;
  std::vector<std::string> held_;
  std::vector<std::string> going_;
  int left_ = 0;
  int finished_ = 0;
};

cli::Exit run(Pipeline& pipeline, StoreSink& sink, const Script& script) {
  TransactionEpochs shape(sink);
  return pipeline.run(sink, &shape, script);
}

/// Sends records to a place from which they cannot be withdrawn.
class MessageSink : public OutboxSink {
 public:
  explicit MessageSink(Calls& world) : world_(world) {}

  Repeat repeated = Repeat::visible;
  bool fails = false;

  Verdict on_record(const Record& record) override {
    gathered_.emplace_back(record.line());
    return Verdict::ok();
  }
  bool finish() override { return true; }
  Repeat repeat() const override { return repeated; }
  std::uint64_t held_bytes() const override { return 0; }
  void seal() override { outbox_ = std::exchange(gathered_, {}); }
  void state(StateArchive& archive) override { archive.value(outbox_); }
  void restored(LastEpoch last) override {
    if (last == LastEpoch::carried_out) outbox_.clear();
  }
  bool carry_out(std::uint64_t epoch) override {
    if (fails) throw std::runtime_error("power went");
    for (const std::string& each : outbox_) world_.push_back(std::to_string(epoch) + " " + each);
    outbox_.clear();
    return true;
  }

 private:
  Calls& world_;
  std::vector<std::string> gathered_;
  std::vector<std::string> outbox_;
};

}  // namespace

TEST_CASE("a transaction sink: the next run continues from its last commit") {
  Pipeline pipeline;
  Store store;
  StoreSink first(store);
  CHECK(run(pipeline, first, Script().begin('a', 0).records(1, 2).barrier(1).records(3, 3).end(2)) == cli::Exit::done);
  CHECK(store.rows == Calls{R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  CHECK(first.calls.back() == "close");
  CHECK(pipeline.file("commit") == "2\n");
  CHECK(pipeline.file("resume/" + std::string(32, 'a')) == "0\n");

  StoreSink second(store);
  CHECK(run(pipeline, second, Script().begin('b', 2).records(4, 4).end(3)) == cli::Exit::done);
  CHECK(pipeline.file("resume/" + std::string(32, 'b')) == "2\n");
  CHECK(store.rows.size() == 4);
  CHECK(store.run == std::string(32, 'b'));
}

TEST_CASE("records of the next epoch come while a commit is under way, the next commit does not") {
  Pipeline pipeline;
  Store store;
  StoreSink sink(store);
  sink.polls = 3;
  run(pipeline, sink, Script().begin('a', 0).records(1, 1).barrier(1).records(2, 2).barrier(2).end(3));
  CHECK(sink.calls == Calls{R"({"n":1})", R"({"n":2})", "commit 1", "commit 2", "commit 3", "close"});
}

TEST_CASE("a slow commit makes epochs longer where the stages before it had to wait, not where the input trickles") {
  const auto pace_after_first = [](int records) {
    Pipeline pipeline;
    Store store;
    StoreSink sink(store);
    std::string pace;
    sink.before_commit = [&](std::uint64_t epoch) {
      if (epoch == 2) pace = pipeline.file("pace");
      if (epoch == 1) std::this_thread::sleep_for(std::chrono::seconds(2));  // a store slower than any disk
    };
    CHECK(run(pipeline, sink, Script().begin('a', 0).records(1, 3).barrier(1).records(4, records).end(2)) ==
          cli::Exit::done);
    return pace == "none" ? 0 : std::stoi(pace);  // there is no file for a short one
  };
  CHECK(pace_after_first(10) < 2000);
  CHECK(pace_after_first(60'000) >= 2000);
}

TEST_CASE("a sink that is not ready while its commit is under way gets its records after it") {
  Pipeline pipeline;
  Store store;
  StoreSink sink(store);
  sink.polls = 2;
  sink.one_at_a_time = true;
  run(pipeline, sink, Script().begin('a', 0).records(1, 1).barrier(1).records(2, 2).end(2));
  CHECK(sink.calls == Calls{R"({"n":1})", "commit 1", R"({"n":2})", "commit 2", "close"});
}

TEST_CASE("the store's refusals are durable before the commit, and rejected once") {
  Pipeline pipeline;
  Store store;
  {
    StoreSink killed(store);
    killed.refuse = {{4, "x", "too wide"}};
    killed.before_commit = [](std::uint64_t epoch) {
      if (epoch == 2) throw std::runtime_error("killed");
    };
    CHECK_THROWS(run(pipeline, killed, Script().begin('a', 0).records(1, 1).barrier(1).records(2, 2).barrier(2)));
  }
  const std::string one = "{\"reason\":\"too wide\",\"line\":4,\"raw\":\"x\"}\n";
  CHECK(pipeline.rejects() == one);
  StoreSink again(store);
  again.refuse = {{4, "y", "too long"}};
  CHECK(run(pipeline, again, Script().begin('b', 1).records(2, 2).end(2)) == cli::Exit::done);
  CHECK(pipeline.rejects() == one + "{\"reason\":\"too long\",\"line\":4,\"raw\":\"y\"}\n");
}

TEST_CASE("an input without its final barrier fails, and lines after the last epoch are not committed") {
  Pipeline pipeline;
  Store store;
  StoreSink sink(store);
  CHECK_THROWS_WITH(run(pipeline, sink, Script().begin('a', 0).records(1, 1).barrier(1).records(2, 2)),
                    contains_text("barrier"));
  CHECK(store.rows == Calls{R"({"n":1})"});
}

TEST_CASE("the run does not wait for a hanging commit after the source has ended") {
  Pipeline pipeline;
  Store store;
  StoreSink sink(store);
  sink.polls = 1'000'000'000;
  CHECK_THROWS_WITH(run(pipeline, sink, Script().begin('a', 0).records(1, 1).barrier(1).records(2, 2).barrier(2)),
                    contains_text("barrier"));
  CHECK(store.epoch == 0);
}

TEST_CASE("a commit that hangs is given up a while after SIGTERM, though the source is still there") {
  struct Hanging : StoreSink {
    using StoreSink::StoreSink;
    bool commit(std::uint64_t) override {
      if (!cli::stop_requested()) ::raise(SIGTERM);
      return false;
    }
  };
  Pipeline pipeline;
  test::Ends report;
  const pid_t child = ::fork();  // signals are the whole process's
  REQUIRE(child >= 0);
  if (child == 0) {
    cli::install_signal_handlers();
    std::string end = "ended by itself";
    try {
      Store store;
      Hanging sink(store);
      TransactionEpochs shape(sink);
      const Script script = Script().begin('a', 0).records(1, 1).barrier(1).records(2, 2).barrier(2);
      pipeline.run(sink, &shape, script, Source::there);
    } catch (const std::exception& problem) {
      end = problem.what();
    }
    ::_exit(::write(report.write.get(), end.data(), end.size()) == static_cast<ssize_t>(end.size()) ? 0 : 1);
  }
  ::waitpid(child, nullptr, 0);
  std::string end(200, '\0');
  end.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(report.read.get(), end.data(), end.size()), 0)));
  CHECK(end == "stopped before the epoch was committed; the next start repeats it");
  CHECK(pipeline.file("commit") == "0\n");
}

TEST_CASE("an outbox is carried out by the next run, and not again when that is known and visible") {
  Pipeline pipeline;
  Calls world;
  {
    MessageSink killed(world);
    killed.fails = true;
    OutboxEpochs shape(killed);
    CHECK_THROWS(pipeline.run(killed, &shape, Script().begin('a', 0).records(1, 1).barrier(1)));
  }
  CHECK(world.empty());
  for (const char run : {'b', 'c'}) {
    MessageSink next(world);
    OutboxEpochs shape(next);
    pipeline.run(next, &shape, Script().begin(run, run == 'b' ? 1 : 2).end(run == 'b' ? 2 : 3));
  }
  CHECK(world == Calls{R"(1 {"n":1})"});
}

TEST_CASE("nothing is asked of a sink before its run begins") {
  class Strict : public TransactionSink {
   public:
    void start(SinkHost& host) override { host_ = &host; }
    std::uint64_t fence(const PipelineRun&) override { return 0; }
    Verdict on_record(const Record&) override { return Verdict::ok(); }
    std::uint64_t held_bytes() const override { return host_->pipeline()->pipe.size(); }
    void on_pause(InputFlow) override { host_->log().info(host_->pipeline()->pipe); }
    void wait(std::span<pollfd> also, WaitLimit limit) override {
      REQUIRE(host_ != nullptr);
      wait_for(also, limit);
    }
    bool commit(std::uint64_t) override { return true; }
    bool finish() override { return true; }

   private:
    SinkHost* host_ = nullptr;
  };
  Pipeline pipeline;
  test::RunContext context;
  test::Ends ends;
  Strict sink;
  TransactionEpochs shape(sink);
  bool written = false;
  std::thread late([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::string text = Script().begin('a', 0).end(1).text;
    written = ::write(ends.write.get(), text.data(), text.size()) > 0;
    ends.write.reset(-1);
  });
  const cli::Exit exit = SinkRun(sink, &shape, pipeline.options, context.context, ends.read.get()).run();
  late.join();
  CHECK(written);
  CHECK(exit == cli::Exit::done);
}

TEST_CASE("a sink without state cannot end a pipeline with --state") {
  class Plain : public Sink {
   public:
    Verdict on_record(const Record&) override { return Verdict::ok(); }
    bool finish() override { return true; }
  };
  Pipeline pipeline;
  Plain sink;
  CHECK_THROWS_AS(pipeline.run(sink, nullptr, Script().begin('a', 0)), cli::UsageError);
}

TEST_CASE("without checkpoints finish() is called until it returns true, and nothing is fenced or committed") {
  Pipeline pipeline;
  pipeline.options.state.folder.clear();
  Store store;
  StoreSink sink(store);
  sink.polls = 3;
  CHECK(run(pipeline, sink, Script().records(1, 1)) == cli::Exit::done);
  CHECK(sink.calls == Calls{R"({"n":1})", "finish", "finish", "finish"});
  CHECK(store.run.empty());
}

TEST_CASE("a field that the sink names and no record has: exit 1 with --strict, whatever was committed") {
  Pipeline pipeline;
  Store store;
  StoreSink sink(store);
  sink.named = {{"m", "--columns"}};
  CHECK(run(pipeline, sink, Script().begin('a', 0).records(1, 2).barrier(1).end(2)) == cli::Exit::done);
  pipeline.options.strict = true;
  CHECK(run(pipeline, sink, Script().begin('b', 2).records(3, 3).end(3)) == cli::Exit::left_out);
}
