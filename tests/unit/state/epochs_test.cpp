#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "folder.hpp"
#include "state/atomic_file.hpp"
#include "state/checksum.hpp"
#include "state/snapshot.hpp"
#include "state/stage_folder.hpp"

using namespace weir;
using namespace weir::state;

namespace {

const Origin origin{"win-agg", 3, "--every=1h\n--by=city\n"};

/// The bytes of an epoch file, and the state in it.
std::string file_of(std::uint64_t epoch, std::string_view payload) {
  std::string file;
  encode_epoch(
      origin, epoch, "at line 3", [&](SnapshotWriter& to) { to.raw(payload.data(), payload.size()); },
      [&](std::string_view bytes) { file += bytes; });
  return file;
}

std::string problem_of(const Origin& wanted, std::uint64_t epoch) {
  try {
    check_epoch(decode_epoch(file_of(7, "x"), "f"), wanted, epoch, "f");
  } catch (const Unusable& problem) {
    return problem.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a snapshot's values come back as they went") {
  std::string bytes;
  SnapshotWriter writer(bytes);
  writer.number<std::uint64_t>(UINT64_MAX);
  writer.number(-0.0);
  writer.text(std::string_view("a\0b", 3));
  writer.text("");
  writer.number(true);
  SnapshotReader reader(bytes);
  CHECK(reader.number<std::uint64_t>() == UINT64_MAX);
  CHECK(std::signbit(reader.number<double>()));
  CHECK(reader.text() == std::string_view("a\0b", 3));
  CHECK(reader.text().empty());
  CHECK_THROWS_AS(reader.finish(), SnapshotError);
  CHECK(reader.number<bool>());
  reader.finish();
  CHECK_THROWS_AS(reader.number<char>(), SnapshotError);
  CHECK_THROWS_AS(SnapshotReader(std::string_view(bytes).substr(0, 20)).text(), SnapshotError);
}

TEST_CASE("CRC32C as RFC 3720 gives it, by the processor and by a table") {
  std::string ascending(32, '\0');
  for (std::size_t i = 0; i < ascending.size(); ++i) ascending[i] = static_cast<char>(i);
  for (const auto way : {crc32c, crc32c_by_table}) {
    CHECK(way({std::string(32, '\0')}) == 0x8a9136aa);
    CHECK(way({std::string(32, '\xff')}) == 0x62a8ab43);
    CHECK(way({ascending}) == 0x46dd794e);
    CHECK(way({"1234", "", "56789"}) == 0xe3069283);
  }
  Crc32c piecewise;
  for (const char byte : ascending) piecewise.add({&byte, 1});
  CHECK(piecewise.value() == 0x46dd794e);
  for (std::size_t size = 0; size < 32; ++size)
    CHECK(crc32c({std::string_view(ascending).substr(0, size)}) ==
          crc32c_by_table({std::string_view(ascending).substr(0, size)}));
}

TEST_CASE("an epoch file comes back as it went") {
  const EpochFile back = decode_epoch(file_of(7, "state"), "f");
  CHECK(back.origin.tool == origin.tool);
  CHECK(back.origin.schema == 3);
  CHECK(back.origin.settings == origin.settings);
  CHECK(back.epoch == 7);
  CHECK(back.position == "at line 3");
  CHECK(back.payload() == "state");
}

TEST_CASE("a large state is written in pieces and read as a whole") {
  const test::Folder folder;
  const std::string path = folder.file("e-7");
  constexpr std::uint32_t numbers = 200'000;
  std::size_t pieces = 0, longest = 0;
  const auto fill = [](SnapshotWriter& to) {
    for (std::uint32_t i = 0; i < numbers; ++i) to.number(i);
  };
  encode_epoch(origin, 7, "", fill, [&](std::string_view bytes) {
    ++pieces;
    longest = std::max(longest, bytes.size());
  });
  CHECK(pieces > 3);
  CHECK(longest < 300'000);
  write_epoch(path, origin, 7, "", fill);
  const EpochFile back = decode_epoch(read_file(path).value(), path);
  SnapshotReader reader(back.payload());
  for (std::uint32_t i = 0; i < numbers; ++i)
    if (reader.number<std::uint32_t>() != i) FAIL("number " << i);
  reader.finish();
  CHECK_THROWS_AS(write_epoch(path, origin, 7, "", [](SnapshotWriter&) { throw SnapshotError("no"); }), SnapshotError);
  CHECK(decode_epoch(read_file(path).value(), path).payload().size() == numbers * sizeof(std::uint32_t));
  CHECK_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST_CASE("every flipped bit and missing byte is detected") {
  const std::string file = file_of(7, "some state of some length");
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    std::string broken = file;
    broken[bit / 8] = static_cast<char>(static_cast<unsigned char>(broken[bit / 8]) ^ (1U << (bit % 8)));
    CHECK_THROWS_AS(decode_epoch(broken, "f"), Unusable);
  }
  for (std::size_t size = 0; size < file.size(); ++size)
    CHECK_THROWS_AS(decode_epoch(file.substr(0, size), "f"), Unusable);
  CHECK_THROWS_AS(decode_epoch(file + "x", "f"), Unusable);
}

TEST_CASE("state of other options, another tool or another version is refused with a reason") {
  CHECK(problem_of(origin, 7).empty());
  CHECK(problem_of(origin, 8).find("holds epoch 7") != std::string::npos);
  CHECK(problem_of({"rec-dedup", 3, origin.settings}, 7).find("the state of win-agg, not of rec-dedup") !=
        std::string::npos);
  CHECK(problem_of({"win-agg", 2, origin.settings}, 7).find("newer win-agg") != std::string::npos);
  CHECK(problem_of({"win-agg", 4, origin.settings}, 7).find("older win-agg") != std::string::npos);
  const std::string run_folder = problem_of({"win-agg", 3, "--every=5m\n--by=city\n"}, 7);
  CHECK(run_folder.find("then --every=1h, now --every=5m") != std::string::npos);
}

TEST_CASE("a stage's folder keeps epochs, one owner and no more than is needed") {
  const test::Folder folder;
  const std::string root = folder.file("p");
  StageFolder stage(root, "win-agg", origin);
  CHECK(stage.take("run-a", std::chrono::milliseconds(0)) == StageFolder::Taken::yes);
  StageFolder second(root, "win-agg", origin);
  CHECK(second.take("run-b", std::chrono::milliseconds(0)) == StageFolder::Taken::no);
  CHECK(second.take("run-a", std::chrono::milliseconds(0)) == StageFolder::Taken::twin);
  CHECK((std::filesystem::status(root).permissions() & std::filesystem::perms::all) ==
        std::filesystem::perms::owner_all);
  for (std::uint64_t epoch = 1; epoch <= 12; ++epoch) stage.write(epoch, [&](SnapshotWriter& to) { to.number(epoch); });
  CHECK(SnapshotReader(stage.read(12).payload()).number<std::uint64_t>() == 12);
  stage.keep(9, 11);
  CHECK(stage.epochs() == std::vector<std::uint64_t>{9, 10, 11});
  CHECK_THROWS_AS(stage.read(12), Unusable);
  std::ofstream(root + "/win-agg/e-11.tmp") << "half";  // left by a crash
  CHECK(stage.epochs() == std::vector<std::uint64_t>{9, 10, 11});
}

TEST_CASE("the files that the sink writes") {
  const test::Folder folder;
  const RunFolder run_folder(folder.path);
  CHECK(run_folder.committed() == 0);
  run_folder.write_committed(40, Durable::yes);
  CHECK(run_folder.committed() == 40);
  run_folder.write_committed(41, Durable::no);
  CHECK(run_folder.committed() == 41);
  const std::string run = new_run();
  CHECK(run.size() == 32);
  CHECK(run != new_run());
  CHECK_FALSE(run_folder.resume(run).heard);
  run_folder.write_resume(run, std::nullopt);
  CHECK(run_folder.resume(run).heard);
  CHECK_FALSE(run_folder.resume(run).epoch);
  run_folder.write_resume(run, 41);
  CHECK(run_folder.resume(run).epoch == 41);
  CHECK(run_folder.noted_as().empty());
  run_folder.write_noted_as("row in weir_epoch");
  CHECK(run_folder.noted_as() == "row in weir_epoch");
  using std::chrono::milliseconds;
  CHECK(run_folder.pace() == milliseconds(0));
  run_folder.write_pace(milliseconds(3000));
  CHECK(run_folder.pace() == milliseconds(3000));
  run_folder.write_pace(milliseconds(99));  // below the least pace that counts
  CHECK(run_folder.pace() == milliseconds(0));
  CHECK_FALSE(run_folder.barrier_asked_for());
  run_folder.ask_for_barrier();
  CHECK(run_folder.barrier_asked_for());
  CHECK(run_folder.early_end() == 0);
  run_folder.ask_for_early_end(42);
  CHECK(run_folder.early_end() == 42);
  run_folder.withdraw_asking();
  run_folder.withdraw_asking();
  CHECK_FALSE(run_folder.barrier_asked_for());
  CHECK(run_folder.early_end() == 0);
  run_folder.write_resume("another", 41);
  CHECK_FALSE(run_folder.resume(run).heard);
}

TEST_CASE("names of stages") {
  for (const char* good : {"win-agg", "a", "0_x"}) CHECK(is_stage_id(good));
  for (const char* bad : {"", "A", "a/b", "..", "a b", "é"}) CHECK_FALSE(is_stage_id(bad));
  CHECK_FALSE(is_stage_id(std::string(65, 'a')));
}
