#include "config/toml_file.hpp"

#include "catch.hpp"

using namespace weir;
using namespace std::chrono_literals;

namespace {

const std::string text = R"(
name = "pump"
both = ["a", "b"]
on = true
wait = "5m"
[part.first]
x = 1
[part.second]
[[rule]]
n = 1
[[rule]]
n = 2
)";

template <typename Do>
std::string wrong(const Do& act) {
  try {
    act();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a file's values are read by their kind") {
  const TomlFile file("f.toml", text);
  const toml::table& root = file.root();
  CHECK(file.string_of(*root.get("name"), "name") == "pump");
  CHECK(file.strings_of(*root.get("name"), "name") == std::vector<std::string>{"pump"});
  CHECK(file.strings_of(*root.get("both"), "both") == std::vector<std::string>{"a", "b"});
  CHECK(file.bool_of(*root.get("on"), "on"));
  CHECK(file.duration_of(*root.get("wait"), "wait") == 5min);
}

TEST_CASE("tables of a file come in order") {
  const TomlFile file("f.toml", text);
  std::string found;
  file.each_entry("part", [&](const std::string& key, const toml::node&) { found += key + " "; });
  file.each_table("rule", [&](const toml::table& table) { found += std::to_string(*table.get("n")->value<int>()); });
  file.each_table("none", [&](const toml::table&) { found += "never"; });
  CHECK(found == "first second 12");
}

TEST_CASE("a mistake has the file and its line") {
  const TomlFile file("f.toml", text);
  const toml::node& name = *file.root().get("name");
  const toml::node& wait = *file.root().get("on");
  CHECK(wrong([&] { file.bool_of(name, "name"); }) == "f.toml:2: name must be true or false");
  CHECK(wrong([&] { file.strings_of(wait, "on"); }) == "f.toml:4: on must be a string");
  CHECK(wrong([&] { file.duration_of(name, "name"); }) ==
        "f.toml:2: name must be a duration with its unit, such as \"5m\"");
  CHECK(wrong([&] { file.table_of(name, "name"); }) == "f.toml:2: name must be a table");
  CHECK(wrong([&] { file.each_table("name", [](const toml::table&) {}); }) == "f.toml:2: a name is written [[name]]");
  CHECK(wrong([&] { file.each_entry("name", [](const std::string&, const toml::node&) {}); }) ==
        "f.toml:2: name must be a table");
  CHECK(wrong([&] {
          file.expect_keys(file.root(), {"name", "both", "on", "part"}, "the file");
        }) == "f.toml:9: unknown key `rule` in the file; there are name, both, on, part");
  CHECK(wrong([] { TomlFile("f.toml", "a = 1\nb = "); }).starts_with("f.toml:2: "));
}

TEST_CASE("a mistake found by another room gets its place once") {
  const TomlFile file("f.toml", text);
  const toml::node& name = *file.root().get("name");
  CHECK(wrong([&] { file.at(name, [] { throw std::invalid_argument("no such unit"); }); }) == "f.toml:2: no such unit");
  CHECK(wrong([&] { file.at(name, [&] { file.fail(name, "too long"); }); }) == "f.toml:2: too long");
  CHECK(file.at(name, [] { return 3; }) == 3);
}
