#include "window/session_store.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "catch.hpp"

using weir::SessionStore;
using weir::Time;

namespace {

using std::chrono::seconds;

/// end, key, start, records
using Row = std::tuple<std::int64_t, std::string, std::int64_t, std::uint64_t>;

}  // namespace

TEST_CASE("sessions are those of the sorted records, whatever the order within the lateness") {
  constexpr std::int64_t gap = 10;
  std::mt19937 random(23);
  for (const unsigned disorder : {1U, 5U, 60U}) {
    CAPTURE(disorder);
    SessionStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(gap), 100);
    std::map<std::string, std::vector<std::int64_t>> times;
    std::vector<Row> rows;
    const auto on_row = [&](const weir::WindowRow& row) {
      rows.emplace_back(row.window.end.time_since_epoch() / seconds(1), std::string(row.key),
                        row.window.start.time_since_epoch() / seconds(1), weir::CellLayout::records(row.cell));
    };
    std::int64_t watermark = -1000;
    for (int i = 0; i < 4000; ++i) {
      const std::int64_t time = 3 * i - static_cast<std::int64_t>(random() % disorder);
      const std::string key(1, static_cast<char>('1' + random() % 5));
      const Time at{seconds(time)};
      REQUIRE_FALSE(store.is_late(at, key, Time(seconds(watermark))));
      times[key].push_back(time);
      const auto cells = store.cells(at, key, Time(seconds(watermark)));
      REQUIRE(cells.size() == 1);
      store.layout().add(cells[0], at, {});
      watermark = std::max(watermark, time - 60);
      if (store.next_end() <= Time(seconds(watermark))) {
        const std::size_t before = rows.size();
        store.close_until(Time(seconds(watermark)), on_row);
        CHECK(std::is_sorted(rows.begin() + static_cast<std::ptrdiff_t>(before), rows.end()));
      }
    }
    store.close_all(on_row);
    std::vector<Row> expected;
    for (auto& [key, of_key] : times) {
      std::sort(of_key.begin(), of_key.end());
      for (std::size_t i = 0, first = 0; i < of_key.size(); ++i) {
        if (i + 1 < of_key.size() && of_key[i + 1] - of_key[i] < gap) continue;
        expected.emplace_back(of_key[i] + gap, key, of_key[first], i - first + 1);
        first = i + 1;
      }
    }
    std::sort(expected.begin(), expected.end());
    CHECK(rows == expected);
    CHECK(store.next_end() == Time::max());
  }
}

TEST_CASE("rows to come begin no earlier than the first open session") {
  SessionStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(10), 100);
  CHECK(store.earliest_start(Time(seconds(100))) == Time(seconds(90)));
  CHECK_FALSE(store.cells(Time(seconds(50)), "1", Time::min()).empty());
  CHECK_FALSE(store.cells(Time(seconds(55)), "1", Time::min()).empty());
  CHECK(store.earliest_start(Time(seconds(64))) == Time(seconds(50)));
}
