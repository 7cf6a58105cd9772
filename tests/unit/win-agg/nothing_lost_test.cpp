// Generated streams: every record is in one window, late, or rejected, for all windows, latenesses and orders.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>

#include "catch.hpp"
#include "record/parser.hpp"
#include "win_agg.hpp"

namespace {

using namespace weir;
using namespace weir::win_agg;

struct Row {
  std::int64_t n = 0;
  std::int64_t sum = 0;
  friend bool operator==(const Row&, const Row&) = default;
};
/// By window end in seconds, then key: the required order of rows.
using Rows = std::map<std::pair<std::int64_t, std::string>, Row>;

/// Reads rows back, and fails on a repeated row or a wrong order.
void collect(const std::string& lines, Rows& rows) {
  FieldSet fields;
  const FieldId end = fields.add("window_end");
  const FieldId key = fields.add("k");
  const FieldId n = fields.add("n");
  const FieldId sum = fields.add("s");
  RecordParser parser(fields);
  std::size_t at = 0;
  while (at < lines.size()) {
    const std::size_t newline = lines.find('\n', at);
    const Record* record = parser.parse_copy(std::string_view(lines).substr(at, newline - at), 1);
    REQUIRE(record != nullptr);
    at = newline + 1;
    const Time time = TimeParser().parse((*record)[end].text).value();
    const std::pair<std::int64_t, std::string> place(time.time_since_epoch() / std::chrono::seconds(1),
                                                     (*record)[key].text);
    if (!rows.empty()) REQUIRE(rows.rbegin()->first < place);
    rows[place] = {static_cast<std::int64_t>((*record)[n].number().value()),
                   static_cast<std::int64_t>((*record)[sum].number().value())};
  }
}

}  // namespace

TEST_CASE("no record is lost or counted twice") {
  constexpr std::array<std::int64_t, 4> sizes{1, 60, 420, 86400};
  constexpr std::array<std::int64_t, 3> latenesses{0, 30, 3600};
  std::mt19937 random(2026);
  for (const std::int64_t size : sizes) {
    for (const std::int64_t lateness : latenesses) {
      CAPTURE(size, lateness);
      Settings settings;
      settings.time.epochs = weir::Epochs::any;
      settings.every = std::to_string(size) + "s";
      settings.lateness = std::chrono::seconds(lateness);
      settings.by = {"k"};
      settings.aggregates = "count() as n, sum(v) as s";
      settings.strict = true;  // else count() takes a record whose v is wrong
      settings.late = {"late"};
      WinAgg stage(settings);
      RecordParser parser(stage.fields());
      Output out;
      out.sides.resize(1);
      Rows expected;
      Rows rows;
      std::int64_t greatest = INT64_MIN / 2;
      std::int64_t late = 0;
      for (int i = 0; i < 3000; ++i) {
        // Event time advances three seconds a record, with up to ten minutes of disorder; some records are invalid.
        const std::int64_t time = -3000 + 3 * i - static_cast<std::int64_t>(random() % 600);
        const std::string key(1, static_cast<char>('a' + random() % 5));
        const std::int64_t value = static_cast<std::int64_t>(random() % 1000);
        const bool bad = random() % 50 == 0;
        const std::string line = R"({"timestamp":)" + std::to_string(time) + R"(,"k":")" + key + R"(","v":)" +
                                 (bad ? "\"?\"" : std::to_string(value)) + "}";
        const Record* record = parser.parse_copy(line, 1);
        REQUIRE(record != nullptr);
        CHECK(stage.on_record(*record, out).rejected() == bad);
        collect(std::exchange(out.lines, {}), rows);
        if (bad) continue;
        const std::int64_t start = time - ((time % size) + size) % size;
        if (start + size <= greatest - lateness) {
          ++late;
        } else {
          Row& row = expected[{start + size, key}];
          ++row.n;
          row.sum += value;
        }
        greatest = std::max(greatest, time);
      }
      stage.on_end(out);
      collect(out.lines, rows);
      CHECK(rows == expected);
      CHECK(std::count(out.sides[0].begin(), out.sides[0].end(), '\n') == late);
      CHECK((late > 0) == (lateness < 600));
    }
  }
}

TEST_CASE("sessions, windows of records and revised windows lose nothing either") {
  for (const std::string kind : {"sessions", "records", "revised"}) {
    CAPTURE(kind);
    Settings settings;
    settings.time.epochs = weir::Epochs::any;
    settings.lateness = std::chrono::seconds(30);
    settings.by = {"k"};
    settings.aggregates = "sum(v) as s";
    settings.late = {"late"};
    if (kind == "sessions") settings.gap = std::chrono::seconds(20);
    if (kind == "records") settings.count = 7;
    if (kind == "revised") {
      settings.every = "60s";
      settings.allow_late = std::chrono::seconds(200);
    }
    WinAgg stage(settings);
    RecordParser parser(stage.fields());
    Output out;
    out.sides.resize(2);
    std::mt19937 random(7);
    std::int64_t total = 0;
    for (int i = 0; i < 5000; ++i) {
      const std::int64_t time = 3 * i - static_cast<std::int64_t>(random() % 600);
      const std::string line = R"({"timestamp":)" + std::to_string(time) + R"(,"k":)" + std::to_string(random() % 9) +
                               R"(,"v":)" + std::to_string(i) + "}";
      total += i;
      REQUIRE_FALSE(stage.on_record(*parser.parse_copy(line, 1), out).rejected());
    }
    stage.on_end(out);
    // A revised row replaces the one before it; the values of late records are in the side file.
    FieldSet fields;
    const std::array<FieldId, 4> ids{fields.add("window_start"), fields.add("k"), fields.add("s"), fields.add("v")};
    RecordParser reader(fields);
    std::map<std::string, std::int64_t> sums;
    std::int64_t rows = 0;
    const std::string lines = out.lines + out.sides[0];
    for (std::size_t at = 0, newline = 0; at < lines.size(); at = newline + 1) {
      newline = lines.find('\n', at);
      const Record& row = *reader.parse_copy(std::string_view(lines).substr(at, newline - at), 1);
      const bool late = row[ids[3]].present();
      std::string place = std::string(row[ids[0]].text) + "/" + std::string(row[ids[1]].text);
      if (kind != "revised" || late) place = std::to_string(rows);
      ++rows;
      sums[place] = static_cast<std::int64_t>(row[late ? ids[3] : ids[2]].number().value());
    }
    std::int64_t found = 0;
    for (const auto& [place, sum] : sums) found += sum;
    CHECK(found == total);
    CHECK(out.sides[0].empty() == (kind == "records"));
  }
}
