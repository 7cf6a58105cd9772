// Columns that take in what was before a window, against a computation over all records.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"
#include "win_agg.hpp"

using namespace weir;
using namespace weir::win_agg;

namespace {

constexpr int length = 600;  // seconds of a window

struct Reading {
  int time;
  int value;
  auto operator<=>(const Reading&) const = default;
};

/// What a row has; NaN where it has null.
struct Row {
  int records;
  double increase;
  double watt_hours;
  double held;
};

using Rows = std::map<std::pair<int, std::string>, Row>;  ///< by start and key

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// The row of a window, from all readings of the key.
Row row_of(const std::vector<Reading>& sorted, int start, int until) {
  Row row{0, nothing, nothing, nothing};
  const Reading* last = nullptr;  // of those before the current one
  double area = 0;
  int from = start;   // since when there is a value
  int since = start;  // since when that of `last` counts
  for (const Reading& each : sorted) {
    if (each.time >= start + length) break;
    if (each.time >= start) {
      if (row.records++ == 0) row.increase = 0;
      if (last != nullptr) {
        row.increase += each.value < last->value ? each.value : each.value - last->value;
        area += last->value * (each.time - since);
      } else {
        from = each.time;
      }
      since = each.time;
    }
    last = &each;
  }
  if (last == nullptr) return row;
  area += last->value * (std::max(until, since) - since);
  row.watt_hours = area / 3600;
  row.held = std::max(until, since) > from ? area / (std::max(until, since) - from) : last->value;
  return row;
}

bool same(double a, double b) { return (std::isnan(a) && std::isnan(b)) || std::abs(a - b) < 1e-9 * (1 + std::abs(b)); }

/// The rows as they come out, the one of the highest rev for each window and key.
class GivenRows {
 public:
  void read(const std::string& lines) {
    RecordParser parser(fields_);
    for (std::size_t begin = 0, end = 0; (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const Record& row = *parser.parse_copy(lines.substr(begin, end - begin), 1);
      const auto number = [&row](FieldId id) { return row[id].number().value_or(nothing); };
      const Time start = TimeParser().parse(row[start_].text).value();
      const std::pair key(static_cast<int>(start.time_since_epoch() / std::chrono::seconds(1)),
                          std::string(row[key_].text));
      const double rev = row[rev_].number().value_or(0);
      CHECK((rows.count(key) == 0 || rev > revs_[key]));
      revs_[key] = rev;
      rows[key] = {static_cast<int>(number(n_)), number(increase_), number(energy_), number(held_)};
    }
  }
  Rows rows;

 private:
  FieldSet fields_;
  FieldId start_ = fields_.add("window_start"), key_ = fields_.add("k"), rev_ = fields_.add("rev");
  FieldId n_ = fields_.add("n"), increase_ = fields_.add("up"), energy_ = fields_.add("wh"),
          held_ = fields_.add("held");
  std::map<std::pair<int, std::string>, double> revs_;
};

}  // namespace

TEST_CASE("increase, integral and twa carry are those of a computation over all records") {
  std::mt19937 random(53);
  for (const int lateness : {0, 300}) {
    for (const int allow_late : {0, 3000}) {
      for (const unsigned fill : {0U, 3U}) {
        if (fill > 0 && allow_late > 0) continue;
        CAPTURE(lateness, allow_late, fill);
        Settings settings;
        settings.time.epochs = weir::Epochs::any;
        settings.every = "10m";
        settings.by = {"k"};
        settings.time.field = "t";
        settings.lateness = std::chrono::seconds(lateness);
        settings.allow_late = std::chrono::seconds(allow_late);
        if (fill > 0) settings.fill = fill;
        settings.aggregates = "count() as n, increase(v) as up, integral(v) per hour as wh, twa(v) carry as held";
        WinAgg stage(settings);
        RecordParser parser(stage.fields());
        Output out;
        out.sides.resize(2);
        std::map<std::string, std::vector<Reading>> taken;
        std::map<std::string, int> meters;
        int now = 0;
        int watermark = -1;
        for (int i = 0; i < 1200; ++i) {
          now += static_cast<int>(random() % (random() % 40 == 0 ? 4000 : 90));
          const int behind = static_cast<int>(random() % static_cast<unsigned>(1 + lateness + allow_late));
          const int time = std::max(0, now - (random() % 6 == 0 ? behind : 0));
          const std::string key(1, static_cast<char>('a' + random() % 4));
          int& meter = meters[key];
          meter = random() % 30 == 0 ? static_cast<int>(random() % 5) : meter + static_cast<int>(random() % 20);
          const int end = time / length * length + length;
          if (end > watermark || end + allow_late > watermark) taken[key].push_back({time, meter});
          watermark = std::max(watermark, time - lateness);
          REQUIRE_FALSE(
              stage
                  .on_record(*parser.parse_copy(fmt::format(R"({{"t":{},"k":"{}","v":{}}})", time, key, meter), 1), out)
                  .rejected());
        }
        stage.on_end(out);
        GivenRows given;
        given.read(out.lines);

        Rows expected;
        for (auto& [key, readings] : taken) {
          std::sort(readings.begin(), readings.end());
          unsigned empty = 1'000'000;  // windows without records since the last one with some
          for (int start = 0; start <= now; start += length) {
            const bool whole = start + length <= watermark;
            const Row row = row_of(readings, start, whole ? start + length : start);
            empty = row.records > 0 ? 0 : empty + 1;
            if (empty == 0 || (whole && empty <= fill)) expected[{start, key}] = row;
          }
        }
        CHECK(given.rows.size() == expected.size());
        for (const auto& [place, row] : expected) {
          CAPTURE(place.first, place.second);
          const auto found = given.rows.find(place);
          REQUIRE(found != given.rows.end());
          CHECK(found->second.records == row.records);
          CHECK(same(found->second.increase, row.increase));
          CHECK(same(found->second.watt_hours, row.watt_hours));
          CHECK(same(found->second.held, row.held));
        }
      }
    }
  }
}
