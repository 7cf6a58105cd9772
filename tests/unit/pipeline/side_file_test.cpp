#include <filesystem>

#include "catch.hpp"
#include "pipeline/side_file.hpp"
#include "state/atomic_file.hpp"

using namespace weir;

namespace {

struct File {
  std::filesystem::path folder;
  std::string path;
  File() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-side.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    path = name + "/rejects";
  }
  ~File() { std::filesystem::remove_all(folder); }
  std::string text() const { return state::read_file(path).value_or("none"); }
};

void write(SideFile& side, std::string text) { side.write(text); }

std::string snapshot(SideFile& side, std::uint64_t epoch) {
  std::string bytes;
  SnapshotWriter writer(bytes);
  side.snapshot(writer, epoch);
  return bytes;
}

std::string amended(SideFile& side, std::uint64_t epoch, std::string_view more) {
  std::string bytes;
  SnapshotWriter writer(bytes);
  side.amend(writer, epoch, more);
  return bytes;
}

/// The file after a start that follows a kill, with this snapshot as the last one.
void restart(const File& file, const std::string& bytes, std::uint64_t epoch) {
  SideFile side(file.path);
  side.keep_epochs("");
  SnapshotReader reader(bytes);
  side.restore(reader, epoch);
  reader.finish();
  side.publish(epoch);
}

}  // namespace

TEST_CASE("lines added to an epoch later follow its own, and the last ones count") {
  const File file;
  SideFile side(file.path);
  side.keep_epochs("");
  write(side, "a\n");
  snapshot(side, 1);
  write(side, "of the next\n");
  amended(side, 1, "refused at first\n");
  const std::string last = amended(side, 1, "refused\n");
  CHECK(file.text().empty());
  SECTION("and come into the file with it") {
    side.publish(1);
    CHECK(file.text() == "a\nrefused\n");
    snapshot(side, 2);
    side.publish(2);
    CHECK(file.text() == "a\nrefused\nof the next\n");
  }
  SECTION("and survive a kill, once, however often it starts again") {
    restart(file, last, 1);
    restart(file, last, 1);
    CHECK(file.text() == "a\nrefused\n");
  }
}

TEST_CASE("an epoch without lines of its own can get some") {
  const File file;
  SideFile side(file.path);
  side.keep_epochs("");
  write(side, "a\n");
  snapshot(side, 1);
  side.publish(1);
  snapshot(side, 2);
  const std::string with = amended(side, 2, "refused\n");
  SECTION("that stand where they belong") {
    side.publish(2);
    CHECK(file.text() == "a\nrefused\n");
    write(side, "b\n");
    snapshot(side, 3);
    side.publish(3);
    CHECK(file.text() == "a\nrefused\nb\n");
  }
  SECTION("also after a kill") {
    restart(file, with, 2);
    CHECK(file.text() == "a\nrefused\n");
  }
  SECTION("and lose them again") {
    amended(side, 2, "");
    side.publish(2);
    CHECK(file.text() == "a\n");
  }
}
