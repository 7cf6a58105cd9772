#include "record/key_table.hpp"

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

using Table = weir::KeyTable<int>;

TEST_CASE("keys of every length are found again and distinguished") {
  Table table(1000);
  std::map<std::string, weir::KeyId> ids;
  for (std::size_t length = 0; length <= 70; ++length) {
    for (const char c : {'a', 'b'}) {
      std::string key(length, 'x');
      if (length > 0) key[length / 2] = c;
      const weir::KeyId id = table.find_or_add(key);
      const auto [known, added] = ids.try_emplace(key, id);
      CHECK(known->second == id);
      CHECK(table.key(id) == key);
    }
  }
  CHECK(table.size() == ids.size());
  for (const auto& [key, id] : ids) CHECK(table.find_or_add(key) == id);
  for (const auto& [key, id] : ids) CHECK(table.find(key) == id);
  CHECK(table.find("y") == Table::full);
  CHECK(table.size() == ids.size());
}

TEST_CASE("a key more than the limit is not taken, the known ones still are") {
  Table table(2);
  const auto a = table.find_or_add("a");
  static_cast<void>(table.find_or_add("b"));
  CHECK(table.find_or_add("c") == Table::full);
  CHECK(table.find_or_add("a") == a);
}

TEST_CASE("against std::map, with erasing in between") {
  Table table(100000);
  std::map<std::string, int> expected;
  std::mt19937 random(7);
  for (int step = 0; step < 50000; ++step) {
    const std::string key = "sensor-" + std::to_string(random() % 3000) + std::string(random() % 20, '.');
    table[table.find_or_add(key)] += step;
    expected[key] += step;
    if (step % 10000 == 9999) {
      const std::size_t erased = table.erase_if([](const int& sum) { return sum % 2 == 0; });
      std::erase_if(expected, [](const auto& entry) { return entry.second % 2 == 0; });
      CHECK(erased > 0);
      CHECK(table.size() == expected.size());
    }
  }
  std::map<std::string, int> found;
  table.for_each([&](weir::KeyId id) { found[std::string(table.key(id))] = table[id]; });
  CHECK(found == expected);
}

TEST_CASE("keys that differ in their digits alone do not crowd together") {
  Table table(200000);
  const auto key = [](int i) { return "\"s" + std::to_string(10000 + i) + "\""; };
  for (int i = 0; i < 50000; ++i) static_cast<void>(table.find_or_add(key(i)));
  std::size_t passed = 0;
  for (int i = 0; i < 50000; ++i) passed += table.passed_by(key(i));
  CHECK(passed < 50000);  // at most half full, a good hash passes half a key on average; a poor one passed 50
}

TEST_CASE("a loaded table has the same keys with the same ids, in the same order") {
  weir::KeyTable<std::string> table(1000);
  for (int i = 0; i < 300; ++i) table[table.find_or_add("a key with a long name " + std::to_string(i))] = "x";
  for (int i = 0; i < 300; ++i) table[table.find_or_add(std::to_string(i))] = std::to_string(i);
  table.erase_if([](const std::string& payload) { return payload.ends_with('7'); });

  std::string bytes;
  weir::SnapshotWriter writer(bytes);
  weir::StateArchive saving(writer);
  table.state(saving);
  weir::KeyTable<std::string> loaded(1000);
  weir::SnapshotReader reader(bytes);
  weir::StateArchive loading(reader);
  loaded.state(loading);
  reader.finish();

  const auto all = [](const weir::KeyTable<std::string>& each) {
    std::vector<std::pair<weir::KeyId, std::string>> entries;
    each.for_each([&](weir::KeyId id) { entries.emplace_back(id, std::string(each.key(id)) + "=" + each[id]); });
    return entries;
  };
  CHECK(all(loaded) == all(table));
  CHECK(loaded.size() == 570);
  CHECK(loaded.find_or_add("new") == table.find_or_add("new"));

  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, bytes.size() / 2, bytes.size() - 1}) {
    weir::KeyTable<std::string> cut(1000);
    weir::SnapshotReader part(std::string_view(bytes).substr(0, size));
    weir::StateArchive archive(part);
    CHECK_THROWS_AS(cut.state(archive), weir::SnapshotError);
  }
}

TEST_CASE("long keys survive the erasing of most others, and their bytes are then moved") {
  Table table(100000);
  const auto key = [](int i) { return "a key of more than sixteen bytes " + std::to_string(i); };
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 2000; ++i) table[table.find_or_add(key(i + 1000 * round))] = i + 1000 * round;
    static_cast<void>(table.erase_if([](const int& i) { return i % 100 != 0; }));
    CHECK(table.size() == 10 * static_cast<std::size_t>(round) + 20);
    for (int i = 0; i < 1000 * (round + 2); i += 100) {
      const weir::KeyId id = table.find(key(i));
      REQUIRE(id != Table::full);
      CHECK(table.key(id) == key(i));
      CHECK(table[id] == i);
    }
  }
}

TEST_CASE("a table of many keys grows with few free places, and finds them all") {
  Table table(1000000);
  const auto key = [](int i) { return "s" + std::to_string(i); };
  constexpr int many = 230000;  // seven eighths of 2^18 places are 229,376
  for (int i = 0; i < many; ++i) table[table.find_or_add(key(i))] = i;
  CHECK(table.size() == many);
  int wrong = 0;
  for (int i = 0; i < many; ++i) {
    const weir::KeyId id = table.find(key(i));
    wrong += id == Table::full || table[id] != i ? 1 : 0;
  }
  CHECK(wrong == 0);
  CHECK(table.find("none of them") == Table::full);
}
