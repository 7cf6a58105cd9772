#include "state/spool.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "catch.hpp"
#include "folder.hpp"
#include "saved_state.hpp"
#include "state/epoch_file.hpp"

using namespace weir;
using namespace weir::state;

namespace {

using test::SpoolFolder;

/// The lines that remain to be read, each after a space.
std::string rest(Spool& spool) {
  std::string all;
  while (const auto line = spool.next()) (all += ' ') += *line;
  return all;
}

void add(Spool& spool, int from, int to) {
  for (int i = from; i <= to; ++i) spool.append(std::to_string(i));
  spool.sync();
}

}  // namespace

TEST_CASE("synced lines are read, in order, also by the next process") {
  const SpoolFolder folder;
  Spool spool(folder.path);
  CHECK(rest(spool).empty());
  spool.append("a");
  spool.append("");
  CHECK(rest(spool).empty());
  CHECK_FALSE(spool.all_synced());
  spool.sync();
  CHECK(spool.all_synced());
  CHECK(rest(spool) == " a ");
  spool.append("b");
  spool.sync();
  CHECK(rest(spool) == " b");
  CHECK(spool.position() == spool.end());
  Spool again(folder.path);
  CHECK(rest(again) == " a  b");
  CHECK_THROWS_AS(again.append("x\ny"), std::invalid_argument);
  CHECK_THROWS_AS(again.append(std::string_view("x\0y", 3)), std::invalid_argument);
}

TEST_CASE("positions hold across files and processes; earlier lines are removed") {
  const SpoolFolder folder;
  constexpr SpoolLimits small{.segment = 64, .total = 1000};
  std::string bytes;
  std::uint64_t first_left = 0;
  {
    Spool spool(folder.path, small);
    for (int i = 1; i <= 40; ++i) add(spool, i, i);
    CHECK(spool.end().segment > 5);
    for (int i = 1; i <= 25; ++i) CHECK(spool.next() == std::to_string(i));
    SpoolPosition position = spool.position();
    bytes = test::saved_state(position);
    spool.forget(spool.position());
    first_left = spool.first().segment;
    CHECK(first_left == spool.position().segment);
  }
  CHECK_FALSE(std::filesystem::exists(folder.file(static_cast<int>(first_left) - 1)));
  Spool spool(folder.path, small);
  CHECK(spool.first().segment == first_left);
  SpoolPosition position;
  test::load_state(position, bytes);
  spool.seek(position);
  CHECK(spool.next() == "26");
  add(spool, 41, 41);
  for (int i = 27; i <= 41; ++i) CHECK(spool.next() == std::to_string(i));
  CHECK_FALSE(spool.next());
  spool.forget(spool.end());
  CHECK(spool.end().segment - spool.first().segment == 1);  // an owner can read earlier lines
  CHECK_THROWS_AS(spool.seek({1, 0}), Unusable);
  CHECK_THROWS_AS(spool.seek({spool.end().segment, spool.end().offset + 1}), Unusable);
  CHECK_THROWS_AS(spool.seek({spool.end().segment + 1, 0}), Unusable);
  CHECK_THROWS_AS(spool.seek({spool.first().segment, 3}), Unusable);
}

TEST_CASE("full until something is forgotten, whatever the files are") {
  const SpoolFolder folder;
  Spool spool(folder.path, {.segment = 1 << 20, .total = 100});
  while (!spool.full()) add(spool, 1, 1);
  CHECK(spool.end().offset == 110);
  spool.forget({1, 22});
  CHECK_FALSE(spool.full());
  spool.append("1");
  spool.append("1");
  CHECK(spool.full());
  spool.sync();
  spool.forget(spool.end());
  CHECK_FALSE(spool.full());
  // A process that does not know yet which lines were removed.
  CHECK(Spool(folder.path, {.segment = 1 << 20, .total = 100}).full());
}

TEST_CASE("an end cut off anywhere is truncated to the last whole line, and appending continues there") {
  const SpoolFolder folder;
  { Spool(folder.path).sync(); }
  std::string whole;
  {
    Spool spool(folder.path);
    add(spool, 1, 3);
    whole = test::content_of(folder.file(1));
  }
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    for (const std::string& zeros : {std::string(), std::string(15, '\0') + '\n'}) {
      if (size % 11 == 10) continue;  // all but a line's end, which is another case
      test::write_content(folder.file(1), whole.substr(0, size) + zeros);
      Spool spool(folder.path);
      CHECK(spool.end().offset == size / 11 * 11);
      add(spool, 9, 9);
      CHECK(rest(spool) == std::string(" 1 2 3").substr(0, size / 11 * 2) + " 9");
    }
  }
}

TEST_CASE("every flipped bit is detected") {
  const SpoolFolder folder;
  {
    Spool spool(folder.path, {.segment = 64, .total = 1000});
    for (int i = 1; i <= 10; ++i) add(spool, i, i);
  }
  REQUIRE(std::filesystem::exists(folder.file(2)));
  for (const int segment : {1, 2}) {
    const std::string whole = test::content_of(folder.file(segment));
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string broken = whole;
      broken[bit / 8] = static_cast<char>(static_cast<unsigned char>(broken[bit / 8]) ^ (1U << (bit % 8)));
      if (broken.find('\0') != std::string::npos) continue;
      test::write_content(folder.file(segment), broken);
      CHECK_THROWS_AS(
          [&] {
            Spool spool(folder.path);
            rest(spool);
          }(),
          Unusable);
    }
    test::write_content(folder.file(segment), whole);
  }
  Spool spool(folder.path);
  CHECK(rest(spool) == " 1 2 3 4 5 6 7 8 9 10");
  std::filesystem::remove(folder.file(1));
  add(spool, 11, 11);
  std::filesystem::rename(folder.file(2), folder.file(4));
  test::write_content(folder.file(1), "");
  CHECK_THROWS_AS(Spool(folder.path), Unusable);  // a file in the middle is missing
}

TEST_CASE("long lines and many blocks") {
  const SpoolFolder folder;
  Spool spool(folder.path, {.segment = 3 << 20, .total = 1 << 30});
  std::mt19937 random(1);
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 400; ++i) {
    sizes.push_back(random() % 10 == 0 ? random() % 1'000'000 : random() % 300);
    spool.append(std::string(sizes.back(), static_cast<char>('a' + i % 26)));
    if (i % 7 == 0) spool.sync();
  }
  spool.sync();
  for (std::size_t i = 0; i < sizes.size(); ++i)
    REQUIRE(spool.next() == std::string(sizes[i], static_cast<char>('a' + i % 26)));
  CHECK_FALSE(spool.next());
}
