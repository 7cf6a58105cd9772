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

TEST_CASE("a session of the greatest length ends, and another begins") {
  constexpr std::int64_t gap = 10;
  constexpr std::int64_t most = 37;
  std::mt19937 random(29);
  for (const unsigned disorder : {1U, 20U}) {
    CAPTURE(disorder);
    SessionStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(gap), 100, seconds(0),
                       seconds(most));
    std::vector<Row> rows;
    const auto on_row = [&](const weir::WindowRow& row) {
      rows.emplace_back(row.window.end.time_since_epoch() / seconds(1), std::string(row.key),
                        row.window.start.time_since_epoch() / seconds(1), weir::CellLayout::records(row.cell));
    };
    std::vector<Row> expected;  // of records in order: a session takes what is near and less than `most` from its first
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::uint64_t count = 0;
    const auto end_expected = [&] {
      if (count > 0) expected.emplace_back(std::min(last + gap, first + most), "k", first, count);
      count = 0;
    };
    std::int64_t time = 0;
    std::int64_t watermark = -1000;
    std::uint64_t records = 0;
    for (; records < 3000; ++records) {
      time += random() % 20 == 0 ? 15 : static_cast<std::int64_t>(random() % 6);
      const std::int64_t at = time - static_cast<std::int64_t>(random() % disorder);
      if (count == 0 || at >= last + gap || at >= first + most) {
        end_expected();
        first = at;
      }
      last = at;
      ++count;
      const Time stamp{seconds(at)};
      REQUIRE_FALSE(store.is_late(stamp, "k", Time(seconds(watermark))));
      const auto cells = store.cells(stamp, "k", Time(seconds(watermark)));
      REQUIRE(cells.size() == 1);
      store.layout().add(cells[0], stamp, {});
      watermark = std::max(watermark, at - 25);
      const std::size_t before = rows.size();
      store.close_until(Time(seconds(watermark)), on_row);
      for (std::size_t i = before; i < rows.size(); ++i) CHECK(std::get<0>(rows[i]) <= watermark);
    }
    store.close_all(on_row);
    end_expected();
    std::uint64_t counted = 0;
    for (const auto& [end, key, start, n] : rows) {
      CHECK(end - start <= most);
      counted += n;
    }
    CHECK(counted == records);
    CHECK(std::is_sorted(rows.begin(), rows.end()));
    if (disorder == 1) CHECK(rows == expected);
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

namespace {

/// The oracle: a list of sessions, searched for every record.
struct PlainSession {
  std::string key;
  std::int64_t first, last;
  std::uint64_t records;
  bool dropped;
};

/// The rows of a reader: those that were not retracted, each with its highest revision.
struct Reader {
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::pair<std::uint64_t, std::uint32_t>> rows;
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::uint32_t> last_revision;
  int retracted = 0, revised = 0, early = 0;

  void take(const weir::WindowRow& row, bool is_early) {
    const std::tuple place(std::string(row.key), row.window.start.time_since_epoch() / seconds(1),
                           row.window.end.time_since_epoch() / seconds(1));
    const std::uint64_t records = weir::CellLayout::records(row.cell);
    if (row.standing != weir::Standing::holds) {
      REQUIRE(rows.erase(place) == 1);
      CHECK(records == 0);
      CHECK(row.revision >= last_revision[place]);
      ++retracted;
      return;
    }
    if (const auto before = rows.find(place); before != rows.end()) {
      CHECK(row.revision >= before->second.second);
      CHECK(records >= before->second.first);
    }
    revised += row.revision > 0 ? 1 : 0;
    early += is_early ? 1 : 0;
    last_revision[place] = row.revision;
    rows[place] = {records, row.revision};
  }
};

}  // namespace

TEST_CASE("sessions that late records change are given again, what they were is retracted") {
  constexpr std::int64_t gap = 10;
  for (const std::int64_t keep : {0, 20, 100}) {
    for (const bool early : {false, true}) {
      CAPTURE(keep, early);
      std::mt19937 random(29);
      SessionStore store(weir::CellLayout(weir::parse_aggregates("count() as n")), seconds(gap), 100, seconds(keep));
      std::vector<PlainSession> plain;
      Reader reader;
      std::int64_t watermark = -1000;
      int late = 0;
      for (int i = 0; i < 4000; ++i) {
        const std::int64_t time = 3 * i - static_cast<std::int64_t>(random() % 8 == 0 ? random() % 160 : random() % 4);
        const std::string key(1, static_cast<char>('1' + random() % 4));
        const Time at{seconds(time)};
        const Time now{seconds(watermark)};
        PlainSession made{key, time, time, 1, false};
        bool near = false;
        for (PlainSession& each : plain) {
          if (each.dropped || each.key != key || time >= each.last + gap || each.first >= time + gap) continue;
          near = true;
          made.first = std::min(made.first, each.first);
          made.last = std::max(made.last, each.last);
          made.records += each.records;
          each.records = 0;
          each.dropped = true;
        }
        const bool is_late = !near && time + gap + keep <= watermark;
        REQUIRE(store.is_late(at, key, now) == is_late);
        if (is_late) {
          ++late;
        } else {
          plain.push_back(made);
          const auto cells = store.cells(at, key, now);
          REQUIRE(cells.size() == 1);
          store.layout().add(cells[0], at, {});
        }
        if (time - 5 <= watermark) continue;
        watermark = time - 5;
        for (PlainSession& each : plain) each.dropped = each.dropped || each.last + gap + keep <= watermark;
        store.close_until(Time(seconds(watermark)), [&](const weir::WindowRow& row) { reader.take(row, false); });
        if (early && i % 3 == 0) store.show_open([&](const weir::WindowRow& row) { reader.take(row, true); });
        CHECK(store.next_end() > Time(seconds(watermark)));
        if (i % 50 != 0) continue;
        for (const PlainSession& each : plain) {  // closed sessions show their present state
          if (each.records == 0 || each.last + gap > watermark) continue;
          const auto row = reader.rows.find({each.key, each.first, each.last + gap});
          REQUIRE(row != reader.rows.end());
          CHECK(row->second.first == each.records);
        }
      }
      store.close_all([&](const weir::WindowRow& row) { reader.take(row, false); });
      std::map<std::tuple<std::string, std::int64_t, std::int64_t>, std::uint64_t> expected, found;
      for (const PlainSession& each : plain)
        if (each.records > 0) expected[{each.key, each.first, each.last + gap}] = each.records;
      for (const auto& [place, row] : reader.rows) found[place] = row.first;
      CHECK(found == expected);
      CHECK(late > 0);
      CHECK((reader.retracted > 0) == (keep > 0 || early));
      CHECK((reader.revised > 0) == (keep > 0));
      CHECK((reader.early > 0) == early);
    }
  }
}
