#include "pipeline/run_report.hpp"

#include <thread>

#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;
using namespace std::chrono_literals;

namespace {

CountReport late(std::uint64_t count) {
  CountReport counts;
  counts.add(count, "late record", "left out", Weight::lost).add(7, "repeat", "dropped", Weight::work);
  return counts;
}

/// A report that is due every five milliseconds, in place of every minute.
struct Reported {
  void wait_until_due() {
    while (!report.is_due()) std::this_thread::sleep_for(1ms);
  }

  RejectOptions options = [] {
    RejectOptions made;
    made.report_every = 5ms;
    return made;
  }();
  FieldSet fields;
  KeptLog log;
  RunReport report{options, log, {}, fields};
};

}  // namespace

TEST_CASE("counts are reported when they are due and have grown, and all of them at the end") {
  Reported run;
  run.wait_until_due();
  run.report.report(late(2), 0);
  CHECK(run.log.messages == std::vector<std::string>{"so far 2 late records left out"});
  run.wait_until_due();
  run.report.report(late(2), 0);
  CHECK(run.log.messages.size() == 1);
  run.wait_until_due();
  run.report.report(late(3), 1);
  CHECK(run.log.messages.back() == "so far 3 late records left out; 1 record rejected");
  CHECK(run.report.finish(late(3)) == cli::Exit::left_out);
  CHECK(run.log.messages.back() == "3 late records left out; 7 repeats dropped");
}

TEST_CASE("what an earlier run has lost does not change the exit status of this one") {
  Reported run;
  run.report.begin_from(late(3));
  CHECK(run.report.finish(late(3)) == cli::Exit::done);
  CHECK(run.report.finish(late(4)) == cli::Exit::left_out);
}
