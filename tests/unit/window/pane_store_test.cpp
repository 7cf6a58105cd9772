#include "window/pane_store.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "window/aggregate.hpp"

using namespace std::chrono_literals;
using weir::CellLayout;
using weir::Duration;
using weir::PaneStore;
using weir::Time;
using weir::Window;

namespace {

using Place = std::pair<Time, std::string>;  ///< window start, key

struct Row {
  Window window;
  std::string key;
  std::uint64_t records;
};

std::unique_ptr<PaneStore> make(Duration keep) {
  return std::make_unique<PaneStore>(CellLayout(weir::parse_aggregates("count() as n")), 1000, keep);
}

std::unique_ptr<PaneStore> saved_and_loaded(PaneStore& store, Duration keep) {
  std::string bytes;
  weir::SnapshotWriter writer(bytes);
  weir::StateArchive saving(writer);
  store.state(saving);
  auto loaded = make(keep);
  weir::SnapshotReader reader(bytes);
  weir::StateArchive loading(reader);
  loaded->state(loading);
  reader.finish();
  return loaded;
}

std::vector<Row> rows_until(PaneStore& store, Time watermark) {
  std::vector<Row> rows;
  store.close_until(watermark, [&](const weir::WindowRow& row) {
    rows.push_back({row.window, std::string(row.key), CellLayout::records(row.cell)});
  });
  return rows;
}

}  // namespace

TEST_CASE("rows of keys with one and with many open windows are those of a map of counts") {
  const Duration keep = GENERATE(Duration::zero(), Duration(25s));
  const weir::TumblingWindows windows(10s);
  std::mt19937 random(3);
  const auto below = [&random](unsigned n) { return static_cast<int>(random() % n); };
  auto store = make(keep);
  std::map<Place, std::uint64_t> expected;
  std::map<Place, std::uint64_t> written;
  Time watermark = Time::min();
  for (int second = 0; second < 600; ++second) {
    for (int i = 0; i < 40; ++i) {
      const Time time(std::chrono::seconds(second + below(30) - below(50)));
      const Window window = windows.window_of(time);
      const int number = below(60);  // some keys are rare, and some need more than 16 bytes
      if (number % 7 == 0 && below(40) != 0) continue;
      const std::string key =
          "\"" + std::string(static_cast<std::size_t>(number % 25), 'k') + std::to_string(number) + '"';
      std::byte* cell = nullptr;
      if (window.end <= watermark) {
        if (!store->keeps(window, watermark)) continue;
        cell = store->cell_again(window, key);
      } else {
        cell = store->cell(window, key);
      }
      REQUIRE(cell != nullptr);
      store->layout().add(cell, time, {});
      ++expected[{window.start, key}];
    }
    if (second % 97 == 0) store = saved_and_loaded(*store, keep);
    watermark = Time(std::chrono::seconds(second));
    const std::vector<Row> rows = rows_until(*store, watermark);
    if (keep == Duration::zero())
      CHECK(std::is_sorted(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.window.end, a.key) < std::tie(b.window.end, b.key);
      }));
    for (const Row& row : rows) {
      CHECK(row.window.end <= watermark);
      written[{row.window.start, row.key}] = row.records;
    }
    std::map<Place, std::uint64_t> due;
    for (const auto& [place, count] : expected)
      if (windows.window_of(place.first).end <= watermark) due[place] = count;
    CHECK(written == due);
  }
}
