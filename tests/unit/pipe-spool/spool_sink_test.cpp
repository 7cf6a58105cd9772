#include "spool_sink.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "folder.hpp"
#include "readers.hpp"
#include "record/parser.hpp"
#include "saved_state.hpp"
#include "sink_host.hpp"
#include "source_host.hpp"
#include "spool_source.hpp"
#include "state/epoch_file.hpp"

using namespace weir;
using namespace weir::pipe_spool;
using test::KeptHost;
using test::load_at;
using test::saved_at;
using test::SpoolFolder;

namespace {

/// A writer's run, in epochs.
struct Run {
  TestHost host;
  SpoolSink sink;
  RecordParser parser;
  std::uint64_t lines = 0;

  Run(const SpoolFolder& folder, std::string_view saved, std::uint64_t limit = state::SpoolLimits().total)
      : host("state"), sink({.folder = folder.path, .limit = limit}), parser(sink.fields()) {
    sink.start(host);
    if (saved.empty()) return;
    test::load_state(sink, saved);
    sink.carry_out(1);
  }
  void add(int from, int to) {
    for (int n = from; n <= to; ++n) {
      const Record* record = parser.parse_copy("{\"n\":" + std::to_string(n) + "}", ++lines);
      REQUIRE(record != nullptr);
      REQUIRE_FALSE(sink.on_record(*record).rejected());
    }
  }
  std::string save() {
    sink.seal();
    return test::saved_state(sink);
  }
};

std::string all_in(const SpoolFolder& folder) {
  SpoolSource source({.folder = folder.path, .name = "x"});
  Output out;
  while (source.next(out) != AnySource::Step::end) {
  }
  return out.lines;
}

std::string records(int from, int to) {
  std::string lines;
  for (int n = from; n <= to; ++n) lines += "{\"n\":" + std::to_string(n) + "}\n";
  return lines;
}

void step_all(SpoolSource& source, Output& out) {
  while (source.next(out) == AnySource::Step::more) {
  }
}

/// A reader at the start of its first run.
struct Reader {
  KeptHost host{"state"};
  SpoolSource source;

  Reader(const SpoolFolder& folder, const std::string& name) : source({.folder = folder.path, .name = name}) {
    source.start(host);
    source.begin();
  }
};

}  // namespace

TEST_CASE("nothing can be read before the epoch's snapshot, all of it once it is committed") {
  const SpoolFolder folder;
  Run run(folder, "");
  run.add(1, 3);
  run.sink.on_watermark(Time{});
  CHECK(all_in(folder).empty());
  run.save();
  CHECK(all_in(folder).empty());
  run.sink.carry_out(1);
  CHECK(all_in(folder) == records(1, 3) + "{\"@ctl\":\"watermark\",\"time\":\"1970-01-01T00:00:00Z\"}\n");
}

TEST_CASE("a start completes an unfinished epoch, wherever it was cut") {
  const SpoolFolder folder;
  std::string saved;
  {
    Run run(folder, "");
    run.add(1, 2);
    run.save();
    run.sink.carry_out(1);
    run.add(3, 6);
    saved = run.save();
    run.sink.carry_out(2);
  }
  const auto whole = std::filesystem::file_size(folder.file(1));
  const auto before = whole * 2 / 6;
  for (auto size = before; size <= whole; ++size) {
    std::filesystem::resize_file(folder.file(1), size);
    { const Run run(folder, saved); }
    CHECK(all_in(folder) == records(1, 6));
  }
}

TEST_CASE("writes by another program are detected") {
  const SpoolFolder folder;
  std::string saved;
  {
    Run run(folder, "");
    run.add(1, 2);
    saved = run.save();
    run.sink.carry_out(1);
  }
  {
    state::Spool other(folder.path);
    other.append("{}");
    other.sync();
  }
  CHECK_THROWS_AS(Run(folder, saved), state::Unusable);
}

TEST_CASE("files go when all readers have committed them, and a full spool is ready again") {
  const SpoolFolder folder;
  Run run(folder, "", 1000);
  const auto write = [&](int from, int to) {
    for (int n = from; n <= to; ++n) {
      run.add(n, n);
      run.save();
      run.sink.carry_out(1);
    }
  };
  write(1, 20);
  Reader a(folder, "a");
  Reader b(folder, "b");
  Output from_a;
  Output from_b;
  step_all(a.source, from_a);
  step_all(b.source, from_b);
  CHECK(from_a.lines == records(1, 20));
  saved_at(a.source, 1);
  saved_at(b.source, 1);
  a.source.note_committed(1);
  write(21, 70);
  CHECK(std::filesystem::exists(folder.file(1)));
  CHECK_FALSE(run.sink.ready());
  b.source.note_committed(1);
  CHECK(run.sink.ready());
  CHECK_FALSE(std::filesystem::exists(folder.file(1)));
  step_all(b.source, from_b);
  CHECK(from_b.lines == records(1, 70));
}

TEST_CASE("the epoch's lines count; an epoch beyond the limit waits for the readers, then passes") {
  const SpoolFolder folder;
  Run run(folder, "", 1000);
  Reader reader(folder, "a");
  const auto add_while_ready = [&](int from, int to) {
    int n = from;
    for (; n <= to && run.sink.ready(); ++n) run.add(n, n);
    return n - from;
  };
  // A line of 8 bytes takes 18.
  CHECK(add_while_ready(1, 30) == 30);
  run.save();
  run.sink.carry_out(1);
  Output out;
  step_all(reader.source, out);
  saved_at(reader.source, 1);
  CHECK(add_while_ready(11, 99) == 27);  // with the 531 bytes of the first 30 that is 1017
  CHECK(run.host.kept.messages.size() == 0);
  reader.source.note_committed(1);
  // Everything has been read: the epoch continues beyond the limit.
  CHECK(add_while_ready(11, 99) == 89);
  CHECK(run.host.kept.messages.size() == 1);
  run.save();
  run.sink.carry_out(1);
  CHECK_FALSE(run.sink.ready());
  step_all(reader.source, out);
  saved_at(reader.source, 2);
  reader.source.note_committed(2);
  CHECK(run.sink.ready());
  CHECK(run.host.kept.messages.size() == 1);
}

TEST_CASE("a reader continues from its snapshot, and only committed lines are removed") {
  const SpoolFolder folder;
  Run run(folder, "", 800);
  std::string saved;
  std::string lines;
  int next = 1;
  for (int round = 0; round < 20; ++round) {
    run.add(next, next + 6);
    next += 7;
    run.save();
    run.sink.carry_out(1);
    KeptHost host("state");
    SpoolSource reader({.folder = folder.path, .name = "a"});
    reader.start(host);
    if (saved.empty()) {
      reader.begin();
    } else {
      load_at(reader, 1, saved);
    }
    Output out;
    step_all(reader, out);
    saved = saved_at(reader, 2);
    lines += out.lines;
  }
  CHECK(lines == records(1, next - 1));
  CHECK_FALSE(std::filesystem::exists(folder.file(1)));
}

TEST_CASE("a new reader holds all lines, and an invalid file of a reader is not ignored") {
  const SpoolFolder folder;
  Run run(folder, "");
  KeptHost host("state");
  SpoolSource source({.folder = folder.path, .name = "a"});
  source.start(host);
  CHECK_FALSE(least_of_readers(folder.path));
  source.begin();
  REQUIRE(least_of_readers(folder.path));
  CHECK(*least_of_readers(folder.path) == state::SpoolPosition{0, 0});
  test::write_content(folder.path + "/readers/a", "1:x\n");
  CHECK_THROWS_AS(least_of_readers(folder.path), state::Unusable);
}
