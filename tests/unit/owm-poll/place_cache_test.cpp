#include "place_cache.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "folder.hpp"
#include "state/atomic_file.hpp"
#include "state/lock_file.hpp"

using namespace weir;
using namespace weir::owm_poll;

TEST_CASE("places last from run to run with all digits, beside those of another run") {
  const test::Folder folder;
  const std::string path = folder.file("places");
  PlaceCache one(path);
  PlaceCache other(path);
  CHECK_FALSE(one.dirty());
  one.add("p", "Zürich \"x\"", {"47.370", "8.54"});
  CHECK(one.dirty());
  other.add("p", "Rome", {"41", "12"});
  one.save();
  other.save();
  CHECK_FALSE(one.dirty());
  const PlaceCache again(path);
  CHECK(again.find("p", "Zürich \"x\"") == Coordinates{"47.370", "8.54"});
  CHECK(again.find("p", "Rome") == Coordinates{"41", "12"});
  CHECK_FALSE(again.find("q", "Rome").has_value());
  CHECK(again.skipped() == 0);

  // A file that was edited by hand, with mistakes.
  state::write_file(path, R"({"name":"A","provider":"p","latitude":1,"longitude":2,"note":"mine"}

{"name":"B","provider":"p","latitude":91,"longitude":2}
{"name":"C","provider":"p","latitude":"1","longitude":2}
nonsense
{"name":"D","provider":"p","latitude":1.5,"longitude":2.5})");
  const PlaceCache edited(path);
  CHECK(edited.find("p", "A") == Coordinates{"1", "2"});
  CHECK(edited.find("p", "D") == Coordinates{"1.5", "2.5"});
  CHECK_FALSE(edited.find("p", "B").has_value());
  CHECK(edited.skipped() == 3);
}

TEST_CASE("without a path nothing is kept and nothing is dirty") {
  PlaceCache cache;
  cache.add("p", "Rome", {"41", "12"});
  CHECK(cache.find("p", "Rome").has_value());
  CHECK_FALSE(cache.dirty());
  cache.save();
}
