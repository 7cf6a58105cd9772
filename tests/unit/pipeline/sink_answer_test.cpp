#include "pipeline/sink_answer.hpp"

#include "cli/errors.hpp"
#include "fixtures.hpp"

using namespace weir;
using namespace weir::test;

namespace {

const std::string run = "0123456789abcdef0123456789abcdef";

}  // namespace

TEST_CASE("the sink's answer is the epoch to restore") {
  const Folder folder;
  const state::RunFolder run_folder(folder.path);
  SinkAnswer answer(run_folder, run);
  CHECK_FALSE(answer.epoch());
  run_folder.write_resume(run, 17);
  CHECK(answer.epoch() == 17U);
}

TEST_CASE("a sink that does not acknowledge the run in time is a wrong pipeline") {
  const Folder folder;
  const state::RunFolder run_folder(folder.path);
  SinkAnswer answer(run_folder, run, std::chrono::milliseconds(0));
  CHECK_THROWS_AS(answer.epoch(), cli::UsageError);
}

TEST_CASE("a sink that has acknowledged the run may take its time") {
  const Folder folder;
  const state::RunFolder run_folder(folder.path);
  run_folder.write_resume(run, std::nullopt);
  SinkAnswer answer(run_folder, run, std::chrono::milliseconds(0));
  CHECK_FALSE(answer.epoch());
  for (int i = 0; i < 10; ++i) answer.epoch();
  CHECK(answer.pause() == WaitLimit(20));
}

TEST_CASE("the run waits for the last commit until it comes or the reader has closed") {
  Ends pipe;
  int looks = 0;
  await_last_commit(pipe.write.get(), [&looks] { return ++looks == 3; });
  CHECK(looks == 3);
  pipe.read.reset(-1);
  looks = 0;
  await_last_commit(pipe.write.get(), [&looks] { return ++looks < 0; });
  CHECK(looks == 2);  // once more after the reader has closed
}
