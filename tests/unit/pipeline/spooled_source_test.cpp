#include "pipeline/spooled_source.hpp"

#include <deque>
#include <string>
#include <vector>

#include "source_host.hpp"
#include "source_run.hpp"
#include "state/epoch_file.hpp"

using namespace weir;
using namespace weir::test;

namespace {

/// A sender that keeps messages until they are acknowledged, and sends them again to a new receiver.
struct Sender {
  std::deque<std::string> unacknowledged;
  std::size_t sent = 0;  ///< sent to this receiver
  bool closed = false;
  void send(const std::string& message) { unacknowledged.push_back(message); }
};

/// Messages that begin with `!` are not records.
class MemoryReceiver : public Receiver {
 public:
  explicit MemoryReceiver(Sender& sender) : sender_(sender) { sender_.sent = 0; }

  void start(SourceHost& host, Inbox& inbox) override {
    host_ = &host;
    inbox_ = &inbox;
  }
  void stored(std::string_view line) override { stored_lines.emplace_back(line); }
  bool receive(std::uint64_t most) override {
    for (; most > 0 && sender_.sent < sender_.unacknowledged.size(); --most)
      inbox_->add(sender_.unacknowledged[sender_.sent++]);
    return sender_.sent < sender_.unacknowledged.size();
  }
  void acknowledge() override {
    ++acknowledgements;
    sender_.unacknowledged.erase(sender_.unacknowledged.begin(),
                                 sender_.unacknowledged.begin() + static_cast<std::ptrdiff_t>(sender_.sent));
    sender_.sent = 0;
  }
  void wait(std::span<pollfd> also, WaitLimit limit) override {
    last_limit = limit;
    wait_for(also, WaitLimit::zero());
  }
  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override {
    if (line == "note") return Emitted::nothing;
    if (line.starts_with('!')) {
      host_->reject(number, line, "not a record");
      return Emitted::reject;
    }
    (out.lines += line) += '\n';
    return Emitted::record;
  }
  bool finished() const override { return ends; }
  void close() override { sender_.closed = true; }
  void state(StateArchive& archive) override { archive.value(memory); }

  std::vector<std::string> stored_lines;
  int acknowledgements = 0;
  WaitLimit last_limit{};
  bool ends = false;
  std::string memory;

 private:
  Sender& sender_;
  SourceHost* host_ = nullptr;
  Inbox* inbox_ = nullptr;
};

/// A source with its receiver; `folder` is empty without --state.
struct Run {
  KeptHost host;
  MemoryReceiver* receiver;
  SpooledSource source;
  Output out;

  Run(Sender& sender, const std::string& folder, const SpooledSettings& settings = {})
      : Run(std::make_unique<MemoryReceiver>(sender), folder, settings) {}

  /// Appends all available lines without writing them.
  std::string take() {
    out.lines.clear();
    while (source.next(out) == AnySource::Step::more) {
    }
    return out.lines;
  }

 private:
  Run(std::unique_ptr<MemoryReceiver> made, const std::string& folder, const SpooledSettings& settings)
      : host(folder), receiver(made.get()), source(std::move(made), settings) {
    source.start(host);
  }
};

}  // namespace

TEST_CASE("without state: acknowledged once the lines are written, and nothing is received before") {
  Sender sender;
  Run run(sender, "");
  run.source.begin();
  sender.send("1");
  sender.send("2");
  CHECK(run.take() == "1\n2\n");
  sender.send("3");
  CHECK(run.take().empty());
  CHECK(sender.unacknowledged.size() == 3);
  run.source.written();
  CHECK(sender.unacknowledged == std::deque<std::string>{"3"});
  CHECK(run.take() == "3\n");
  run.source.written();
  run.source.close();
  CHECK(sender.unacknowledged.empty());
  CHECK(sender.closed);
}

TEST_CASE("with state: on the disk before it is acknowledged, and again from there after a kill") {
  const Folder folder;
  Sender sender;
  {
    Run run(sender, folder.path);
    run.source.begin();
    sender.send("1");
    sender.send("!bad");
    sender.send("2");
    run.out.wanted = 1;
    CHECK(run.source.next(run.out) == AnySource::Step::more);
    CHECK(sender.unacknowledged.empty());
    CHECK(run.out.lines == "1\n");
    CHECK(folder.content("spool/s-1").find(" 2\n") != std::string::npos);
  }  // killed before any epoch
  std::string saved;
  {
    Run run(sender, folder.path);
    run.source.begin();
    CHECK(run.receiver->stored_lines == std::vector<std::string>{"1", "!bad", "2"});
    CHECK(run.take() == "1\n2\n");
    CHECK(run.host.rejected == std::vector<std::string>{"!bad"});
    run.receiver->memory = "remembered";
    saved = saved_at(run.source, 1);
    sender.send("3");
    CHECK(run.take() == "3\n");
  }  // killed after the epoch
  Run run(sender, folder.path);
  load_at(run.source, 1, saved);
  CHECK(run.receiver->memory == "remembered");
  CHECK(run.receiver->stored_lines.back() == "3");
  CHECK(run.source.position_text() == "record 2");
  CHECK(run.take() == "3\n");
  CHECK(run.host.rejected.empty());
}

TEST_CASE("a full spool receives nothing until an epoch is committed") {
  const Folder folder;
  Sender sender;
  Run run(sender, folder.path, {.spool_limit = 100, .count = {}});
  run.source.begin();
  for (int i = 0; i < 10; ++i) sender.send("a line of some length");
  run.take();
  saved_at(run.source, 1);
  sender.send("one more");
  CHECK(run.take().empty());
  CHECK(run.host.logged.find("the spool is full") != std::string::npos);
  CHECK(sender.unacknowledged.size() == 1);
  run.source.wait({}, WaitLimit(1));
  run.source.note_committed(1);
  CHECK(run.take() == "one more\n");
  CHECK(sender.unacknowledged.empty());
}

TEST_CASE("count: records in all runs; messages beyond it are acknowledged only where they are stored") {
  const Folder folder;
  for (const std::string& path : {std::string(), folder.path}) {
    Sender sender;
    Run run(sender, path, {.spool_limit = 1 << 20, .count = 2});
    run.source.begin();
    for (const char* message : {"!bad", "1", "note", "2", "3"}) sender.send(message);
    while (run.source.next(run.out) != AnySource::Step::end) run.source.written();
    CHECK(run.out.lines == "1\n2\n");
    run.source.finish(run.out);
    CHECK(run.out.lines == "1\n2\n");
    run.source.written();
    run.source.close();
    CHECK(sender.unacknowledged == (path.empty() ? std::deque<std::string>{"3"} : std::deque<std::string>()));
  }
}

TEST_CASE("the end comes when the receiver has finished and all is acknowledged") {
  Sender sender;
  Run run(sender, "");
  run.source.begin();
  sender.send("1");
  run.receiver->ends = true;
  CHECK(run.source.next(run.out) == AnySource::Step::more);
  CHECK(run.source.next(run.out) == AnySource::Step::idle);
  run.source.written();
  run.source.wait({}, no_limit);
  CHECK(run.receiver->last_limit == WaitLimit::zero());
  CHECK(run.source.next(run.out) == AnySource::Step::end);
}

TEST_CASE("committed lines that are missing are not ignored") {
  const Folder folder;
  std::filesystem::create_directory(folder.path + "/spool");
  std::ofstream(folder.path + "/spool/s-2").close();
  Sender sender;
  Run run(sender, folder.path);
  CHECK_THROWS_AS(run.source.begin(), state::Unusable);
}
