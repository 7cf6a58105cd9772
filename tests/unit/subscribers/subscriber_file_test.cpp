#include "subscribers/subscriber_file.hpp"

#include "catch.hpp"
#include "folder.hpp"

using namespace weir;

namespace {

struct ListFile {
  test::Folder folder;
  std::string list = folder.file("subscribers.csv");

  void write(const std::string& text) const { test::write_content(list, text); }
  std::string read() const { return test::content_of(list); }
};

}  // namespace

TEST_CASE("a list that is not there is made") {
  const ListFile file;
  CHECK(subscribe(file.list, {"ana@example.org", {"Athens", "New York"}, "Europe/Athens"}) == ListChange::added);
  CHECK(file.read() == "email,cities,name,timezone\nana@example.org,Athens;New York,,Europe/Athens\n");
}

TEST_CASE("a repeated address is updated, and other cells of its row stay") {
  const ListFile file;
  file.write("name,email,note,cities\n\"Ana, A.\",Ana@Example.org,\"x\"\"y\",Athens\nBob,bob@example.org,,\n");
  CHECK(subscribe(file.list, {"ana@example.org", {"Berlin"}, "Europe/Berlin"}) == ListChange::updated);
  CHECK(file.read() ==
        "name,email,note,cities\nBob,bob@example.org,,\n\"Ana, A.\",Ana@Example.org,\"x\"\"y\",Berlin\n");
}

TEST_CASE("of several rows with the address the last stays, and a row that cannot be read too") {
  const ListFile file;
  file.write("email,cities\na@x.org,Rome\nbroken\na@x.org,Oslo\nb@x.org,\n");
  CHECK(subscribe(file.list, {"a@x.org", {}}) == ListChange::updated);
  CHECK(file.read() == "email,cities\nbroken\nb@x.org,\na@x.org,\n");
}

TEST_CASE("leaving takes every row with the address") {
  const ListFile file;
  file.write("email,cities\na@x.org,Rome\nb@x.org,\nA@X.org,Oslo\n");
  CHECK(unsubscribe(file.list, "a@x.org") == ListChange::removed);
  CHECK(file.read() == "email,cities\nb@x.org,\n");
  CHECK(unsubscribe(file.list, "a@x.org") == ListChange::none);
}

TEST_CASE("a file of something else is not touched") {
  const ListFile file;
  file.write("timestamp,city\n1,Athens\n");
  CHECK_THROWS(subscribe(file.list, {"a@x.org", {}}));
  CHECK(file.read() == "timestamp,city\n1,Athens\n");
}
