#include "state/archive.hpp"

#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <vector>

#include "catch.hpp"
#include "saved_state.hpp"

using namespace weir;

namespace {

enum class Colour : std::uint8_t { red, green };

struct Point {
  int x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

/// A class with a member of every kind that an archive takes.
struct Everything {
  std::uint64_t count = 0;
  double ratio = 0;
  bool on = false;
  Colour colour = Colour::red;
  std::string name;
  std::optional<int> perhaps;
  std::optional<std::string> note;
  std::unique_ptr<std::deque<int>> rare;
  std::vector<Point> points;
  std::deque<std::string> names;
  std::vector<std::vector<int>> rows;
  std::array<std::uint16_t, 3> three{};
  std::map<std::string, std::vector<int>> groups;
  std::size_t total = 0;  ///< of the rows: rebuilt, not saved

  void state(StateArchive& archive) {
    archive.values(count, ratio, on, colour, name, perhaps, note, rare);
    archive.values(points, names, rows, three);
    archive.map(
        groups, [&](std::vector<int>& group) { archive.value(group); }, 2U, 7);
    if (archive.loading())
      for (const auto& row : rows) total += row.size();
  }
};

Everything filled() {
  Everything all;
  all.count = UINT64_MAX;
  all.ratio = -0.0;
  all.on = true;
  all.colour = Colour::green;
  all.name = std::string("a\0b", 3);
  all.perhaps = 7;
  all.rare = std::make_unique<std::deque<int>>(std::deque<int>{4, 5});
  all.points = {{1, 2.5}, {3, -4}};
  all.names = {"", "Athens"};
  all.rows = {{1, 2}, {}, {3}};
  all.three = {1, 2, 3};
  all.groups = {{"x", {1}}, {"y", {}}};
  return all;
}

}  // namespace

TEST_CASE("an archive knows its direction") {
  std::string bytes;
  SnapshotWriter writer(bytes);
  CHECK(StateArchive(writer).saving());
  CHECK_FALSE(StateArchive(writer).loading());
  SnapshotReader reader(bytes);
  CHECK(StateArchive(reader).loading());
}

TEST_CASE("values of every kind come back as they were saved") {
  Everything all = filled();
  const std::string bytes = test::saved_state(all);
  Everything other;
  other.note = "to be gone";
  other.names = {"to", "be", "gone"};
  other.groups = {{"z", {}}};
  test::load_state(other, bytes);
  CHECK(other.count == UINT64_MAX);
  CHECK(std::signbit(other.ratio));
  CHECK(other.on);
  CHECK(other.colour == Colour::green);
  CHECK(other.name == all.name);
  CHECK(other.perhaps == 7);
  CHECK_FALSE(other.note.has_value());
  REQUIRE(other.rare);
  CHECK(*other.rare == *all.rare);
  CHECK(other.points == all.points);
  CHECK(other.names == all.names);
  CHECK(other.rows == all.rows);
  CHECK(other.three == all.three);
  CHECK(other.groups == all.groups);
  CHECK(other.total == 3);
  CHECK(all.total == 0);
  CHECK(test::saved_state(other) == bytes);
}

TEST_CASE("saving does not change the object") {
  Everything all = filled();
  const std::string bytes = test::saved_state(all);
  CHECK(all.names.size() == 2);
  CHECK(all.groups.at("x") == std::vector<int>{1});
  CHECK(test::saved_state(all) == bytes);
}

TEST_CASE("a snapshot that is cut off is refused, wherever the cut is") {
  Everything all = filled();
  const std::string bytes = test::saved_state(all);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Everything other;
    CHECK_THROWS_AS(test::load_state(other, std::string_view(bytes).substr(0, size)), SnapshotError);
  }
}

TEST_CASE("a count that is too large for the snapshot is refused before memory is taken") {
  std::uint64_t count = UINT64_MAX / 2;
  const std::string bytes = test::saved_state(count);
  std::vector<Point> points;
  CHECK_THROWS_AS(test::load_state(points, bytes), SnapshotError);
  std::deque<std::string> names;
  CHECK_THROWS_AS(test::load_state(names, bytes), SnapshotError);
}

TEST_CASE("a count and text can be described without a member of their own") {
  std::string bytes;
  SnapshotWriter writer(bytes);
  StateArchive saving(writer);
  CHECK(saving.size(3) == 3);
  CHECK(saving.text("key") == "key");
  SnapshotReader reader(bytes);
  StateArchive loading(reader);
  CHECK(loading.size(0) == 3);
  CHECK(loading.text("") == "key");
  reader.finish();
}
