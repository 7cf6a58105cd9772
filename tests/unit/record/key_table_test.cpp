#include "record/key_table.hpp"

#include <map>
#include <random>
#include <string>

#include "catch.hpp"

using Table = weir::KeyTable<int>;

TEST_CASE("keys of every length are found again and told apart") {
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
