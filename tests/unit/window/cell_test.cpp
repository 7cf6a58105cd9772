#include "window/cell.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "window/pane_store.hpp"
#include "window/parts.hpp"

using weir::Kind;
using weir::Sample;
using weir::Time;
using weir::Value;

namespace {

struct Reading {
  std::int64_t second;
  std::string token;  ///< empty: missing
};

Value value_of(const std::string& token) {
  if (token.empty()) return {};
  const bool number = token[0] == '-' || (token[0] >= '0' && token[0] <= '9');
  return {number ? Kind::number : Kind::string, token, token};
}

/// The columns of one cell over one field `v`.
std::string columns(std::string_view list, const std::vector<Reading>& readings) {
  const auto aggregates = weir::parse_aggregates(list);
  const weir::CellLayout layout(aggregates);
  std::vector<std::byte> cell(layout.size());
  layout.create(cell.data());
  for (const Reading& reading : readings) {
    const Value value = value_of(reading.token);
    const std::vector<Sample> samples{value.present() ? Sample{&value, value.number().value_or(0)} : Sample{}};
    layout.add(cell.data(), Time(std::chrono::seconds(reading.second)),
               std::span(samples).first(layout.fields().size()));
  }
  std::string out;
  layout.append_columns(out, cell.data());
  layout.destroy(cell.data());
  return out;
}

}  // namespace

TEST_CASE("every aggregate of a few values") {
  // 2, 4, 4, 4, 5, 5, 7, 9: sum 40, mean 5, squares about the mean 32, so stddev = sqrt(32 / 7).
  const std::vector<Reading> readings{{1, "2.0"}, {2, "4"}, {3, "4"}, {4, "4"},    {5, "5"},
                                      {6, ""},    {7, "5"}, {8, "7"}, {9, "9.50"}, {10, "8.5"}};
  CHECK(columns("count() as r,count(v) as n,sum(v) as s,avg(v) as a", readings) ==
        R"(,"r":10,"n":9,"s":49,"a":5.444444444444445)");
  CHECK(columns("min(v) as lo,max(v) as hi,first(v) as f,last(v) as l", readings) ==
        R"(,"lo":2.0,"hi":9.50,"f":2.0,"l":8.5)");
  const std::vector<Reading> known{{1, "2"}, {2, "4"}, {3, "4"}, {4, "4"}, {5, "5"}, {6, "5"}, {7, "7"}, {8, "9"}};
  CHECK(columns("stddev(v) as d", known) == R"(,"d":2.138089935299395)");
}

TEST_CASE("an aggregate over no value is null") {
  const std::string all =
      "count() as r,count(v) as n,sum(v) as s,avg(v) as a,min(v) as i,max(v) as x,first(v) as f,last(v) as l,stddev(v) "
      "as d";
  CHECK(columns(all, {{1, ""}, {2, ""}}) ==
        R"(,"r":2,"n":0,"s":null,"a":null,"i":null,"x":null,"f":null,"l":null,"d":null)");
  CHECK(columns("stddev(v) as d", {{1, "5"}}) == R"(,"d":null)");
}

TEST_CASE("the digits of a value stay as they were written") {
  CHECK(columns("min(v) as i,max(v) as x",
                {{1, "1499816949527975237"}, {2, "1499816949527975236"}, {3, "1499816949527975238"}}) ==
        R"(,"i":1499816949527975236,"x":1499816949527975238)");
  const std::string text = "\"" + std::string(100, 'x') + "\"";
  CHECK(columns("first(v) as f,last(v) as l", {{1, text}, {2, "\"b\""}}) == R"(,"f":)" + text + R"(,"l":"b")");
}

TEST_CASE("the order of the records changes nothing") {
  std::vector<Reading> readings;
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i)
    readings.push_back(
        {i / 3, std::to_string(static_cast<int>(random() % 100000) - 50000) + "." + std::to_string(random() % 1000)});
  const std::string list = "sum(v) as s,avg(v) as a,min(v) as i,max(v) as x,first(v) as f,last(v) as l,count(v) as n";
  const std::string expected = columns(list, readings);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(readings.begin(), readings.end(), random);
    CHECK(columns(list, readings) == expected);
  }
}

TEST_CASE("a sum keeps what plain addition loses") {
  CHECK(columns("sum(v) as s", {{1, "1"}, {2, "1e100"}, {3, "1"}, {4, "-1e100"}}) == R"(,"s":2)");
}

namespace {

weir::Window window(std::int64_t start, std::int64_t end) {
  return {Time(std::chrono::seconds(start)), Time(std::chrono::seconds(end))};
}

void add(weir::PaneStore& panes, const weir::Window& where, std::string_view key, const std::string& token) {
  std::byte* cell = panes.cell(where, key);
  REQUIRE(cell != nullptr);
  const Value value = value_of(token);
  const std::vector<Sample> samples{Sample{&value, value.number().value_or(0)}};
  panes.layout().add(cell, where.start, samples);
}

struct Rows {
  explicit Rows(weir::PaneStore& store) : panes(store) {}
  weir::PaneStore& panes;
  std::vector<std::string> rows;
  weir::PaneStore::OnRow take() {
    return [this](const weir::WindowRow& given) {
      std::string row =
          std::to_string(given.window.end.time_since_epoch() / std::chrono::seconds(1)) + " " + std::string(given.key);
      panes.layout().append_columns(row, given.cell);
      rows.push_back(row);
    };
  }
};

}  // namespace

TEST_CASE("windows close by end, then key, and what they held is used again") {
  const auto sum = weir::parse_aggregates("sum(v) as s");
  weir::PaneStore panes(weir::CellLayout(sum), 3);
  Rows rows(panes);
  CHECK(panes.next_end() == Time::max());
  add(panes, window(10, 20), "9", "1");
  add(panes, window(10, 20), "10", "2");
  add(panes, window(0, 10), "10", "4");
  add(panes, window(10, 20), "\"a\"", "8");
  add(panes, window(10, 20), "10", "16");
  CHECK(panes.cell(window(0, 10), "\"b\"") == nullptr);  // a fourth key
  CHECK(panes.next_end() == Time(std::chrono::seconds(10)));
  panes.close_until(Time(std::chrono::seconds(9)), rows.take());
  CHECK(rows.rows.empty());
  panes.close_until(Time(std::chrono::seconds(20)), rows.take());
  CHECK(rows.rows == std::vector<std::string>{"10 10,\"s\":4", "20 9,\"s\":1", "20 10,\"s\":18", "20 \"a\",\"s\":8"});
  rows.rows.clear();
  for (const char* key : {"\"x\"", "\"y\"", "\"z\""})
    add(panes, window(20, 30), key, "1");  // the old keys were removed
  panes.close_all(rows.take());
  CHECK(rows.rows.size() == 3);
  CHECK(panes.next_end() == Time::max());
}

TEST_CASE("columns that come later are empty in the cells that are there") {
  weir::PaneStore panes(weir::CellLayout(weir::parse_aggregates("last(v) as l,count(v) as n")), 10);
  Rows rows(panes);
  const std::string large = "\"" + std::string(50, 'y') + "\"";
  add(panes, window(0, 10), "1", large);
  add(panes, window(0, 10), "2", "5");
  panes.add_columns(weir::parse_aggregates("max(w) as m"));
  std::byte* cell = panes.cell(window(0, 10), "2");
  const std::string token = "7.0";
  const Value value = value_of(token);
  const std::vector<Sample> samples{Sample{}, Sample{&value, 7.0}};
  panes.layout().add(cell, Time{}, samples);
  panes.close_all(rows.take());
  CHECK(rows.rows ==
        std::vector<std::string>{"10 1,\"l\":" + large + ",\"n\":1,\"m\":null", "10 2,\"l\":5,\"n\":1,\"m\":7.0"});
}

TEST_CASE("many open windows of many keys") {
  weir::PaneStore panes(weir::CellLayout(weir::parse_aggregates("count() as n,sum(v) as s")), 1000);
  std::mt19937 random(5);
  std::vector<std::pair<int, int>> all;
  for (int w = 0; w < 200; ++w)
    for (int k = 0; k < 40; ++k)
      for (int n = 0; n < 3; ++n) all.emplace_back(w, k);
  std::shuffle(all.begin(), all.end(), random);
  for (const auto& [w, k] : all)
    add(panes, window(w * 10, w * 10 + 10), std::to_string(k), std::to_string(w * 100 + k));
  Rows rows(panes);
  panes.close_until(Time(std::chrono::seconds(1000)), rows.take());
  panes.close_all(rows.take());
  REQUIRE(rows.rows.size() == 200 * 40);
  for (int w = 0; w < 200; ++w)
    for (int k = 0; k < 40; ++k)
      CHECK(rows.rows[static_cast<std::size_t>(w * 40 + k)] ==
            std::to_string(w * 10 + 10) + " " + std::to_string(k) +
                ",\"n\":3,\"s\":" + std::to_string(3 * (w * 100 + k)));
}

TEST_CASE("splitting and merging cells changes nothing beyond rounding") {
  const auto aggregates = weir::parse_aggregates(
      "count() as n,count(v) as c,sum(v) as s,avg(v) as a,min(v) as i,max(v) as x,first(v) as f,last(v) as l,"
      "median(v) as m,distinct(v) as d,range(v) as r,delta(v) as e,rate(v) as "
      "t,var(v),var_pop(v),stddev(v),stddev_pop(v),twa(v)");
  const weir::CellLayout layout(aggregates);
  std::mt19937 random(17);
  for (int round = 0; round < 60; ++round) {
    const int records = static_cast<int>(random() % 3000);
    const std::size_t parts = 1 + random() % 6;
    std::vector<std::vector<std::byte>> cells(parts + 1, std::vector<std::byte>(layout.size()));
    for (auto& cell : cells) layout.create(cell.data());
    for (int i = 0; i < records; ++i) {
      const std::string token = std::to_string(static_cast<int>(random() % 20000) - 10000) + ".25";
      const Value value = value_of(token);
      const std::vector<Sample> samples{random() % 10 == 0 ? Sample{} : Sample{&value, value.number().value_or(0)}};
      const Time time(std::chrono::seconds(random() % 500));
      layout.add(cells[parts].data(), time, samples);
      layout.add(cells[random() % parts].data(), time, samples);
    }
    for (std::size_t i = 1; i < parts; ++i) layout.merge(cells[0].data(), cells[i].data());
    std::string merged;
    std::string whole;
    layout.append_columns(merged, cells[0].data(), {Time(std::chrono::seconds(600))});
    layout.append_columns(whole, cells[parts].data(), {Time(std::chrono::seconds(600))});
    // Compares all but the variances and the mean over time to the byte, those to 1e-12.
    const std::size_t moments = whole.find(",\"v_var\":");
    CHECK(merged.substr(0, merged.find(",\"v_var\":")) == whole.substr(0, moments));
    const auto numbers = [](const std::string& text) {
      std::vector<double> found;
      for (std::size_t at = text.find(",\"v_var\":"); at != std::string::npos; at = text.find(",\"", at + 1))
        found.push_back(std::strtod(text.c_str() + text.find("\":", at) + 2, nullptr));
      return found;
    };
    const auto ours = numbers(merged);
    const auto theirs = numbers(whole);
    REQUIRE(ours.size() == 5);
    for (std::size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] == Approx(theirs[i]).epsilon(1e-12));
    CHECK(weir::CellLayout::records(cells[0].data()) == static_cast<std::uint64_t>(records));
    for (auto& cell : cells) layout.destroy(cell.data());
  }
}

TEST_CASE("a variance has its places wherever the values stand, in any order and in parts") {
  std::mt19937 random(5);
  for (const double base : {0.0, 1e5, 1e9, -1e12}) {
    CAPTURE(base);
    std::vector<int> eighths(700);
    for (int& each : eighths) each = static_cast<int>(random() % 1000);
    std::int64_t sum = 0;
    std::int64_t squares = 0;
    for (const int each : eighths) {
      sum += each;
      squares += each * each;
    }
    const auto n = static_cast<std::int64_t>(eighths.size());
    const double exact = static_cast<double>(n * squares - sum * sum) / static_cast<double>(n * (n - 1)) / 64;
    for (int round = 0; round < 20; ++round) {
      std::shuffle(eighths.begin(), eighths.end(), random);
      weir::MomentsPart whole;
      std::array<weir::MomentsPart, 5> parts;
      for (const int each : eighths) {
        whole.add(base + each / 8.0);
        parts[random() % 4].add(base + each / 8.0);  // the fifth stays empty
      }
      weir::MomentsPart merged;
      for (const weir::MomentsPart& part : parts) merged.merge(part);
      CHECK(std::abs(whole.variance(1) / exact - 1) < 1e-13);
      CHECK(std::abs(merged.variance(1) / exact - 1) < 1e-13);
    }
  }
}

TEST_CASE("the aggregates of known values") {
  const std::vector<Reading> known{{0, "2"}, {1, "4"}, {2, "4"}, {3, "4"}, {4, "5"}, {5, "5"}, {7, "7"}, {8, "9"}};
  CHECK(columns("stddev_pop(v) as s,var_pop(v) as p,range(v) as r,delta(v) as d,rate(v) as t,median(v) as m,p25(v) as "
                "q,distinct(v) as u",
                known) == R"(,"s":2,"p":4,"r":7,"d":7,"t":0.875,"m":4.5,"q":4,"u":5)");
  CHECK(columns("stddev_pop(v) as s,var(v) as w,rate(v) as t,delta(v) as d", {{1, "5"}}) ==
        R"(,"s":0,"w":null,"t":null,"d":0)");
  CHECK(columns("median(v) as m,p0(v) as q,distinct(v) as u,range(v) as r,rate(v) as t,delta(v) as d,var_pop(v) as p",
                {{1, ""}}) == R"(,"m":null,"q":null,"u":0,"r":null,"t":null,"d":null,"p":null)");
}

TEST_CASE("a window that was closed is given again when it takes a late record") {
  weir::PaneStore panes(weir::CellLayout(weir::parse_aggregates("sum(v) as s")), 10, std::chrono::seconds(20));
  std::vector<std::string> rows;
  const auto take = [&](const weir::WindowRow& row) {
    std::string text = std::to_string(row.window.end.time_since_epoch() / std::chrono::seconds(1)) + " " +
                       std::string(row.key) + " rev " + std::to_string(row.revision);
    panes.layout().append_columns(text, row.cell);
    rows.push_back(text);
  };
  const auto at = [](std::int64_t second) { return Time(std::chrono::seconds(second)); };
  const auto add_late = [&](const weir::Window& where, std::string_view key, const std::string& token) {
    std::byte* const cell = panes.cell_again(where, key);
    const Value value = value_of(token);
    const std::vector<Sample> samples{Sample{&value, value.number().value_or(0)}};
    panes.layout().add(cell, where.start, samples);
  };
  add(panes, window(10, 20), "1", "1");
  panes.close_until(at(20), take);
  CHECK(rows == std::vector<std::string>{"20 1 rev 0,\"s\":1"});
  CHECK(panes.keeps(window(10, 20), at(39)));
  CHECK_FALSE(panes.keeps(window(10, 20), at(40)));
  CHECK(panes.next_end() == at(40));  // when the window is forgotten
  rows.clear();
  add_late(window(10, 20), "1", "2");
  add_late(window(0, 10), "2", "4");  // a window that never had a record
  add_late(window(10, 20), "0", "8");
  add_late(window(10, 20), "1", "16");
  add(panes, window(20, 30), "1", "32");
  CHECK(panes.next_end() == Time::min());
  panes.close_until(at(30), take);
  CHECK(rows == std::vector<std::string>{"10 2 rev 0,\"s\":4", "20 0 rev 0,\"s\":8", "20 1 rev 1,\"s\":19",
                                         "30 1 rev 0,\"s\":32"});
  rows.clear();
  add_late(window(10, 20), "1", "64");
  panes.close_until(at(31), take);
  CHECK(rows == std::vector<std::string>{"20 1 rev 2,\"s\":83"});
  panes.close_until(at(100), take);
  CHECK(panes.next_end() == Time::max());
  panes.close_all(take);
  CHECK(rows.size() == 1);
}

TEST_CASE("sums of whole numbers keep the digits that doubles lose") {
  CHECK(columns("sum(v) as s", {{1, "9223372036854775001"}, {2, "9223372036854775101"}, {3, "9223372036854775301"}}) ==
        R"(,"s":27670116110564325403)");
  CHECK(columns("sum(v) as s", {{1, "9007199254740993"}, {2, "-9007199254740992"}}) == R"(,"s":1)");
  CHECK(columns("sum(v) as s", {{1, "9007199254740993"}, {2, "0.5"}}) == R"(,"s":9007199254740994)");
  CHECK(columns("sum(v) as s", {{1, "0.1"}, {2, "0.2"}}) == R"(,"s":0.30000000000000004)");
}

TEST_CASE("columns are rounded by their decimal digits") {
  const std::vector<Reading> readings{{1, "2.675"}, {2, "2.675"}, {3, "2.6749999"}};
  CHECK(columns("round(max(v), 2) as a,round(avg(v), 3) as b,round(sum(v), 0) as c,round(first(v), 1) as d,"
                "round(range(v), 7) as e,round(count(v), 1) as f",
                readings) == R"(,"a":2.68,"b":2.675,"c":8,"d":2.7,"e":0.0000001,"f":3)");
  CHECK(columns("round(first(v), 1) as a, round(stddev(v), 1) as b", {{1, "\"x\""}}) == R"(,"a":"x","b":null)");
}
