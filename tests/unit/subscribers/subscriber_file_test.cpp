#include "subscribers/subscriber_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "catch.hpp"

using namespace weir;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-subscribers.XXXXXX").string();
    path = ::mkdtemp(name.data());
    list = path + "/subscribers.csv";
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void write(const std::string& text) const { std::ofstream(list) << text; }
  std::string read() const {
    std::ostringstream out;
    out << std::ifstream(list).rdbuf();
    return out.str();
  }
  std::string path;
  std::string list;
};

}  // namespace

TEST_CASE("a list that is not there is made") {
  const Folder folder;
  CHECK(subscribe(folder.list, {"ana@example.org", {"Athens", "New York"}, "Europe/Athens"}) == ListChange::added);
  CHECK(folder.read() == "email,cities,name,timezone\nana@example.org,Athens;New York,,Europe/Athens\n");
}

TEST_CASE("a repeated address is updated, and other cells of its row stay") {
  const Folder folder;
  folder.write("name,email,note,cities\n\"Ana, A.\",Ana@Example.org,\"x\"\"y\",Athens\nBob,bob@example.org,,\n");
  CHECK(subscribe(folder.list, {"ana@example.org", {"Berlin"}, "Europe/Berlin"}) == ListChange::updated);
  CHECK(folder.read() ==
        "name,email,note,cities\nBob,bob@example.org,,\n\"Ana, A.\",Ana@Example.org,\"x\"\"y\",Berlin\n");
}

TEST_CASE("of several rows with the address the last stays, and a row that cannot be read too") {
  const Folder folder;
  folder.write("email,cities\na@x.org,Rome\nbroken\na@x.org,Oslo\nb@x.org,\n");
  CHECK(subscribe(folder.list, {"a@x.org", {}}) == ListChange::updated);
  CHECK(folder.read() == "email,cities\nbroken\nb@x.org,\na@x.org,\n");
}

TEST_CASE("leaving takes every row with the address") {
  const Folder folder;
  folder.write("email,cities\na@x.org,Rome\nb@x.org,\nA@X.org,Oslo\n");
  CHECK(unsubscribe(folder.list, "a@x.org") == ListChange::removed);
  CHECK(folder.read() == "email,cities\nb@x.org,\n");
  CHECK(unsubscribe(folder.list, "a@x.org") == ListChange::none);
}

TEST_CASE("a file of something else is not touched") {
  const Folder folder;
  folder.write("timestamp,city\n1,Athens\n");
  CHECK_THROWS(subscribe(folder.list, {"a@x.org", {}}));
  CHECK(folder.read() == "timestamp,city\n1,Athens\n");
}
