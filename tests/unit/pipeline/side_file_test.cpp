#include "pipeline/side_file.hpp"
#include "catch.hpp"
#include "folder.hpp"

using namespace weir;

namespace {

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

/// A side file in a run with checkpoints, whose epoch 1 has the line `a`.
struct File {
  test::Folder folder;
  std::string path = folder.file("rejects");
  SideFile side{path};

  File() {
    side.keep_epochs("");
    write(side, "a\n");
    snapshot(side, 1);
  }
  std::string text() const { return test::content_of(path); }
};

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
  File file;
  SideFile& side = file.side;
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
  File file;
  SideFile& side = file.side;
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
