#include "pipeline/checkpoint.hpp"

#include "fixtures.hpp"

using namespace weir;
using namespace weir::test;

namespace {

const std::string run = "0123456789abcdef0123456789abcdef";

/// Starts of one stage.
struct Stage {
  Folder folder;
  RunContext context;

  Checkpoint start(const std::string& id = "stage", std::uint32_t schema = 1) {
    return Checkpoint({folder.file("state"), id, "p"}, context.context, schema);
  }
};

void save(Checkpoint& checkpoint, std::uint64_t value) {
  checkpoint.save([value](SnapshotWriter& to) { to.number(value); });
}

std::uint64_t restored(Checkpoint& checkpoint, std::uint64_t epoch) {
  std::uint64_t value = 0;
  checkpoint.restore(epoch, [&value](SnapshotReader& from) { value = from.number<std::uint64_t>(); });
  return value;
}

}  // namespace

TEST_CASE("the snapshot of an epoch is restored") {
  Stage stage;
  {
    Checkpoint first = stage.start();
    first.take(run);
    CHECK(restored(first, 0) == 0);
    save(first, 100);
    save(first, 200);
    CHECK(first.epoch() == 2);
  }
  Checkpoint second = stage.start();
  CHECK(second.last_saved() == 2);
  second.take(run);
  CHECK(restored(second, 1) == 100);
  CHECK(second.last_saved() == 1);  // later epochs were never committed
  save(second, 300);
  CHECK(restored(second, 2) == 300);
}

TEST_CASE("a snapshot of another schema, or one that is not there, is refused") {
  Stage stage;
  {
    Checkpoint first = stage.start();
    first.take(run);
    save(first, 100);
  }
  Checkpoint other = stage.start("stage", 2);
  other.take(run);
  CHECK_THROWS_AS(restored(other, 1), cli::StateError);
  Checkpoint none = stage.start("another");
  none.take(run);
  CHECK_THROWS_AS(restored(none, 1), cli::StateError);
}

TEST_CASE("a snapshot with more or less in it than the stage reads is refused") {
  Stage stage;
  Checkpoint checkpoint = stage.start();
  checkpoint.take(run);
  save(checkpoint, 100);
  CHECK_THROWS_AS(checkpoint.restore(1, [](SnapshotReader&) {}), cli::StateError);
  CHECK_THROWS_AS(checkpoint.restore(1,
                                     [](SnapshotReader& from) {
                                       from.number<std::uint64_t>();
                                       from.number<std::uint64_t>();
                                     }),
                  cli::StateError);
}

TEST_CASE("snapshots are removed once later epochs are committed") {
  Stage stage;
  Checkpoint checkpoint = stage.start();
  checkpoint.take(run);
  for (std::uint64_t epoch = 1; epoch <= 6; ++epoch) save(checkpoint, epoch);
  checkpoint.tidy(5);
  for (const int epoch : {1, 2}) CHECK(stage.folder.content("state/stage/e-" + std::to_string(epoch)) == "none");
  for (const int epoch : {3, 4, 5, 6}) CHECK(stage.folder.content("state/stage/e-" + std::to_string(epoch)) != "none");
  CHECK(restored(checkpoint, 5) == 5);
}

TEST_CASE("the same stage twice in one run, and names that cannot be") {
  Stage stage;
  Checkpoint first = stage.start();
  first.take(run);
  Checkpoint twin = stage.start();
  CHECK_THROWS_AS(twin.take(run), cli::UsageError);
  CHECK_THROWS_AS(stage.start("A name"), cli::UsageError);
}

TEST_CASE("a barrier that is passed on adds the time that this stage stood still") {
  Stage stage;
  Checkpoint checkpoint = stage.start();
  checkpoint.take(run);
  save(checkpoint, 1);
  Control control;
  control.type = Control::Type::barrier;
  control.epoch = 1;
  control.took = std::chrono::milliseconds(1000);
  std::string line;
  checkpoint.pass_barrier(control, line);
  line.pop_back();
  const auto passed = parse_control(line);
  REQUIRE(passed);
  CHECK(passed->epoch == 1);
  CHECK(passed->took == control.took + checkpoint.took());
}

TEST_CASE("a stage with much of an epoch in memory asks for its end, once") {
  Stage stage;
  Checkpoint checkpoint = stage.start();
  checkpoint.take(run);
  checkpoint.look_at_memory(1 << 20);
  CHECK_FALSE(checkpoint.run_folder().barrier_asked_for());
  checkpoint.look_at_memory(64 << 20);
  CHECK(checkpoint.run_folder().barrier_asked_for());
  checkpoint.run_folder().withdraw_asking();
  checkpoint.look_at_memory(64 << 20);
  CHECK_FALSE(checkpoint.run_folder().barrier_asked_for());
  save(checkpoint, 1);
  checkpoint.look_at_memory(64 << 20);
  CHECK(checkpoint.run_folder().barrier_asked_for());
}

TEST_CASE("a stage that may hold more of an epoch asks later") {
  Stage stage;
  Checkpoint checkpoint = stage.start();
  checkpoint.take(run);
  checkpoint.look_at_memory(64 << 20, 128 << 20);
  CHECK_FALSE(checkpoint.run_folder().barrier_asked_for());
  checkpoint.look_at_memory(128 << 20, 128 << 20);
  CHECK(checkpoint.run_folder().barrier_asked_for());
}

TEST_CASE("rejects are in the stage's folder unless a file is named") {
  Stage stage;
  Checkpoint checkpoint = stage.start();
  SideFile rejects("");
  checkpoint.keep(rejects, nullptr);
  checkpoint.take(run);
  std::string lines = "refused\n";
  rejects.write(lines);
  save(checkpoint, 1);
  CHECK(stage.folder.content("state/stage/rejects").empty());
  checkpoint.tidy(1);
  CHECK(stage.folder.content("state/stage/rejects") == "refused\n");
}
