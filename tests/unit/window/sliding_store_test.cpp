#include "window/sliding_store.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"

using weir::Duration;
using weir::SlidingStore;
using weir::Time;
using weir::Value;

namespace {

using std::chrono::seconds;

struct Reading {
  std::int64_t time;
  std::string key;
  std::string token;
};

/// window end, key, columns
using Row = std::pair<std::pair<std::int64_t, std::string>, std::string>;

std::string columns(const weir::CellLayout& layout, const std::vector<const Reading*>& readings) {
  std::vector<std::byte> cell(layout.size());
  layout.create(cell.data());
  for (const Reading* reading : readings) {
    const Value value{weir::Kind::number, reading->token, reading->token};
    const std::array<weir::Sample, 1> samples{weir::Sample{&value, value.number().value()}};
    layout.add(cell.data(), Time(seconds(reading->time)), samples);
  }
  std::string text;
  layout.append_columns(text, cell.data());
  layout.destroy(cell.data());
  return text;
}

}  // namespace

TEST_CASE("every overlapping window has each of its records once, whatever the order") {
  struct Case {
    std::int64_t size, every, origin, disorder, lateness;
  };
  constexpr std::array<Case, 7> cases{{{60, 15, 0, 0, 0},
                                       {60, 60, 7, 50, 20},
                                       {90, 60, 0, 100, 100},
                                       {100, 35, 3, 300, 60},
                                       {240, 1, 0, 120, 10},
                                       {3600, 15, 0, 2000, 300},
                                       {13, 5, 1, 40, 0}}};
  const auto aggregates = weir::parse_aggregates(
      "count() as n, sum(v) as s, min(v) as i, max(v) as x, first(v) as f, last(v) as l, median(v) as m, distinct(v) "
      "as "
      "d, range(v) as r, delta(v) as c");
  std::mt19937 random(11);
  for (const Case& each : cases) {
    CAPTURE(each.size, each.every, each.origin, each.disorder, each.lateness);
    SlidingStore store(weir::CellLayout(aggregates), seconds(each.size), seconds(each.every),
                       Time(seconds(each.origin)), 100);
    std::vector<Reading> readings;
    std::vector<Row> rows;
    std::map<std::pair<std::int64_t, std::string>, std::vector<const Reading*>> expected;
    const auto on_row = [&](const weir::WindowRow& row) {
      CHECK(row.window.end - row.window.start == seconds(each.size));
      std::string text;
      store.layout().append_columns(text, row.cell);
      rows.push_back({{row.window.end.time_since_epoch() / seconds(1), std::string(row.key)}, text});
    };
    std::int64_t watermark = -1'000'000'000;
    readings.reserve(1500);
    for (int i = 0; i < 1500; ++i) {
      const std::int64_t time =
          (i > 700 ? 5000 : 0) - 500 + 2 * i -  // with a gap in the middle
          (each.disorder == 0 ? 0 : static_cast<std::int64_t>(random() % static_cast<unsigned>(each.disorder)));
      readings.push_back({time, std::string(1, static_cast<char>('1' + random() % 4)),
                          std::to_string(static_cast<int>(random() % 200) - 100)});
      const Reading& reading = readings.back();
      const Time at{seconds(time)};
      // The windows that contain the time and are not closed yet.
      std::vector<std::int64_t> ends;
      for (std::int64_t end = time - (((time - each.origin) % each.every) + each.every) % each.every + each.every;
           end - each.size <= time; end += each.every)
        if (end > watermark) ends.push_back(end);
      REQUIRE(store.is_late(at, reading.key, Time(seconds(watermark))) == ends.empty());
      if (ends.empty()) continue;
      for (const std::int64_t end : ends) expected[{end, reading.key}].push_back(&reading);
      const Value value{weir::Kind::number, reading.token, reading.token};
      const std::array<weir::Sample, 1> samples{weir::Sample{&value, value.number().value()}};
      const auto cells = store.cells(at, reading.key, Time(seconds(watermark)));
      REQUIRE_FALSE(cells.empty());
      for (std::byte* cell : cells) store.layout().add(cell, at, samples);
      watermark = std::max(watermark, time - each.lateness);
      if (store.next_end() <= Time(seconds(watermark))) store.close_until(Time(seconds(watermark)), on_row);
    }
    store.close_all(on_row);
    CHECK(store.next_end() == Time::max());
    std::vector<Row> wanted;
    for (const auto& [place, of_window] : expected) wanted.push_back({place, columns(store.layout(), of_window)});
    REQUIRE(rows.size() == wanted.size());
    CHECK(rows == wanted);
  }
}

TEST_CASE("closed windows that overlap are given again, open ones early, each as often as records change them") {
  struct Case {
    std::int64_t size, every, origin, disorder, lateness, keep, early;
  };
  constexpr std::array<Case, 6> cases{{{60, 15, 0, 100, 0, 90, 0},
                                       {60, 15, 0, 100, 10, 0, 20},
                                       {600, 15, 3, 900, 30, 400, 0},
                                       {600, 15, 3, 900, 30, 400, 60},
                                       {90, 60, 0, 3000, 0, 2000, 35},
                                       {13, 5, 1, 40, 0, 11, 1}}};
  const auto aggregates = weir::parse_aggregates("count() as n, sum(v) as s, first(v) as f, last(v) as l, min(v) as m");
  std::mt19937 random(12);
  for (const Case& each : cases) {
    CAPTURE(each.size, each.every, each.origin, each.disorder, each.lateness, each.keep, each.early);
    SlidingStore store(weir::CellLayout(aggregates), seconds(each.size), seconds(each.every),
                       Time(seconds(each.origin)), 100, seconds(each.keep),
                       each.early > 0 ? weir::EarlyRows::wanted : weir::EarlyRows::none);
    struct Known {
      std::vector<const Reading*> readings;
      int revision = -1;  // of the last row
      bool changed = false;
      bool shown = false;
    };
    std::map<std::pair<std::int64_t, std::string>, Known> known;
    using Given = std::tuple<std::int64_t, std::string, int, std::string>;
    std::vector<Given> rows;
    std::vector<Given> wanted;
    const auto on_row = [&](const weir::WindowRow& row) {
      std::string text;
      store.layout().append_columns(text, row.cell);
      rows.emplace_back(row.window.end.time_since_epoch() / seconds(1), std::string(row.key),
                        static_cast<int>(row.revision), text);
    };
    std::vector<Reading> readings;
    readings.reserve(800);
    std::int64_t watermark = -1'000'000'000;
    std::int64_t early_at = watermark;
    std::size_t revised = 0;
    std::size_t early = 0;
    for (int i = 0; i < 800; ++i) {
      const std::int64_t time =
          (i > 400 ? 4000 : 0) + 3 * i - static_cast<std::int64_t>(random() % static_cast<unsigned>(each.disorder));
      readings.push_back({time, std::string(1, static_cast<char>('1' + random() % 3)),
                          std::to_string(static_cast<int>(random() % 200) - 100)});
      const Reading& reading = readings.back();
      const Time at{seconds(time)};
      const Time now{seconds(watermark)};
      std::vector<std::int64_t> ends;
      bool any_closed = false;
      for (std::int64_t end = time - (((time - each.origin) % each.every) + each.every) % each.every + each.every;
           end - each.size <= time; end += each.every) {
        if (end + each.keep <= watermark) continue;
        ends.push_back(end);
        any_closed = any_closed || end <= watermark;
      }
      REQUIRE(store.is_late(at, reading.key, now) == ends.empty());
      if (ends.empty()) continue;
      REQUIRE(store.is_taken_late(at, reading.key, now) == (each.keep > 0 && any_closed));
      for (const std::int64_t end : ends) {
        Known& window = known[{end, reading.key}];
        window.readings.push_back(&reading);
        window.changed = true;
        window.shown = false;
      }
      const Value value{weir::Kind::number, reading.token, reading.token};
      const std::array<weir::Sample, 1> samples{weir::Sample{&value, value.number().value()}};
      REQUIRE_FALSE(store.cells(at, reading.key, now).empty());
      for (std::byte* cell : store.cells(at, reading.key, now)) store.layout().add(cell, at, samples);
      if (time - each.lateness <= watermark) continue;
      const std::int64_t before = watermark;
      watermark = time - each.lateness;
      // Revised rows of closed windows come first.
      for (const bool again : {true, false})
        for (auto& [place, window] : known) {
          if (place.first > watermark || (place.first <= before) != again || !window.changed) continue;
          window.changed = false;
          revised += again ? 1 : 0;
          wanted.emplace_back(place.first, place.second, ++window.revision, columns(store.layout(), window.readings));
        }
      if (store.next_end() <= Time(seconds(watermark))) store.close_until(Time(seconds(watermark)), on_row);
      if (each.early == 0 || watermark < early_at + each.early) continue;
      early_at = watermark;
      for (auto& [place, window] : known) {
        if (place.first <= watermark || std::exchange(window.shown, true)) continue;
        ++early;
        wanted.emplace_back(place.first, place.second, 0, columns(store.layout(), window.readings));
      }
      store.show_open(on_row);
    }
    for (auto& [place, window] : known)
      if (place.first <= watermark && window.changed)
        wanted.emplace_back(place.first, place.second, ++window.revision, columns(store.layout(), window.readings));
    for (auto& [place, window] : known)
      if (place.first > watermark)
        wanted.emplace_back(place.first, place.second, 0, columns(store.layout(), window.readings));
    store.close_all(on_row);
    CHECK(store.next_end() == Time::max());
    CHECK((revised > 100) == (each.keep > 0));
    CHECK((early > 10) == (each.early > 0));
    REQUIRE(rows.size() == wanted.size());
    CHECK(rows == wanted);
  }
}

TEST_CASE("what a window is made of, and where rows to come begin") {
  SlidingStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(3600), seconds(15), Time{}, 10);
  CHECK(store.panes_per_window() == 240);
  CHECK(store.earliest_start(Time(seconds(3600))) == Time(seconds(15)));
}

TEST_CASE("a key more than there is room for") {
  SlidingStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(60), seconds(30), Time{}, 1);
  CHECK(store.cells(Time(seconds(10)), "1", Time::min()).size() == 1);
  CHECK(store.cells(Time(seconds(10)), "2", Time::min()).empty());
  int rows = 0;
  store.close_until(Time(seconds(60)), [&rows](const weir::WindowRow&) { ++rows; });
  CHECK(rows == 2);
  CHECK(store.cells(Time(seconds(70)), "2", Time(seconds(60))).size() == 1);
}

TEST_CASE("what is closed is held until the watermark is far enough behind it") {
  SlidingStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(60), seconds(30), Time{}, 1,
                     seconds(100));
  CHECK(store.cells(Time(seconds(10)), "1", Time::min()).size() == 1);
  int rows = 0;
  const auto on_row = [&rows](const weir::WindowRow&) { ++rows; };
  store.close_until(Time(seconds(60)), on_row);
  CHECK(rows == 2);
  CHECK(store.next_end() == Time(seconds(160)));
  CHECK(store.cells(Time(seconds(70)), "2", Time(seconds(60))).empty());
  CHECK_FALSE(store.is_late(Time(seconds(10)), "1", Time(seconds(159))));
  CHECK(store.is_late(Time(seconds(10)), "1", Time(seconds(160))));
  store.close_until(Time(seconds(160)), on_row);
  CHECK(store.next_end() == Time::max());
  CHECK(store.cells(Time(seconds(170)), "2", Time(seconds(160))).size() == 1);
  CHECK(rows == 2);
}

TEST_CASE("windows at the end of time") {
  SlidingStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), std::chrono::hours(24 * 3650),
                     std::chrono::hours(24 * 365), Time{}, 1);
  CHECK_FALSE(store.cells(Time::max() - Duration(1), "1", Time::min()).empty());
  int rows = 0;
  store.close_all([&rows](const weir::WindowRow&) { ++rows; });
  CHECK(rows > 0);
}
