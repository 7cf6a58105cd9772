#include <chrono>
#include <string>
#include <thread>

#include "pipeline/run.hpp"
#include "runs.hpp"

using namespace weir;
using namespace weir::test;

namespace {

/// Copies records. What comes out on a watermark has been held for it.
struct Releasing : Filter {
  Verdict on_record(const Record& record, Output& out) override {
    append_line(out.lines, record.line());
    return Verdict::ok();
  }
  void on_watermark(Time, Output& out) override {
    append_line(out.lines, "\"row\"");
    out.released = true;
  }
  void state(StateArchive&) override {}
};

}  // namespace

TEST_CASE("with --state an early end is asked for where a watermark has released lines and the input pauses") {
  const Folder home;
  RunContext context;
  InputOptions input;
  input.state = {home.file("state"), "stage", "p"};
  Releasing filter;
  Ends in;
  const auto give = [&](const std::string& lines) {
    REQUIRE(::write(in.write.get(), lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
  };
  const state::RunFolder folder(input.state.folder);
  give(begin_line() + restore_line(0) + watermark_line(1) + barrier_line(1));  // it is in the epoch that has ended
  Ends out;
  std::thread run([&] {
    run_filter(filter, input, OutputOptions{}, context.context, {}, {in.read.get(), out.write.release()});
  });
  std::string lines;
  const auto read_to = [&](const std::string& last) {
    for (char c = 0; lines.find(last) == std::string::npos && ::read(out.read.get(), &c, 1) == 1;) lines += c;
  };
  read_to("\"epoch\":1");
  give("{\"x\":1}\n{\"x\":2}\n");
  read_to("{\"x\":1}");  // it is written in the pause after which the request would have been
  CHECK(folder.early_end() == 0);
  give(watermark_line(2));
  while (folder.early_end() != 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  give(barrier_line(2, Barrier::final));
  in.write.reset(-1);
  run.join();
}
