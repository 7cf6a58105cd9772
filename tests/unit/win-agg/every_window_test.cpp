// Generated streams through all windows and options, compared with a plain list of windows.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"
#include "win_agg.hpp"

namespace {

using namespace weir;
using namespace weir::win_agg;
using std::chrono::seconds;

enum class WindowKind { side_by_side, overlapping, days, sessions, records };

struct Scenario {
  WindowKind kind;
  std::int64_t lateness, keep;  ///< seconds
  WatermarkOf watermark;
  bool early, right;
};

constexpr std::int64_t every = 60, size = 150, gap = 25, origin = 17;
constexpr std::uint64_t full = 7;

/// Start, end and key; then the number of records and the sum of their values.
using Place = std::tuple<std::int64_t, std::int64_t, std::string>;
using Content = std::pair<std::uint64_t, std::int64_t>;

std::int64_t floor_to(std::int64_t time, std::int64_t step, std::int64_t from) {
  const std::int64_t phase = ((time - from) % step + step) % step;
  return time - phase;
}

/// The oracle: a list of windows, searched for every record.
class Model {
 public:
  explicit Model(const Scenario& scenario) : scenario_(scenario) {}

  /// Returns false when the record is late.
  bool take(std::int64_t time, const std::string& key, std::int64_t value) {
    const std::int64_t now = watermark(key);
    const bool taken = scenario_.kind == WindowKind::records    ? take_counted(time, key, value)
                       : scenario_.kind == WindowKind::sessions ? take_session(time, key, value, now)
                                                                : take_fixed(time, key, value, now);
    std::int64_t& greatest = greatest_[scenario_.watermark == WatermarkOf::key ? key : ""];
    greatest = std::max(greatest, time + 1'000'000);  // a fresh entry is 0: less than any time
    return taken;
  }
  void upstream(std::int64_t time) { upstream_ = std::max(upstream_, time); }

  std::map<Place, std::vector<Content>> rows() const {
    std::map<Place, std::vector<Content>> found;
    for (const auto& [place, content] : fixed_) found[place] = {content};
    for (const Span& each : spans_) found[{each.first, each.last, each.key}].push_back(each.content);
    for (auto& [place, contents] : found) std::sort(contents.begin(), contents.end());
    return found;
  }

 private:
  struct Span {
    std::string key;
    std::int64_t first, last;  ///< of a session `last` is its end
    Content content;
  };

  std::int64_t watermark(const std::string& key) const {
    const auto greatest = greatest_.find(scenario_.watermark == WatermarkOf::key ? key : "");
    const std::int64_t own =
        greatest == greatest_.end() ? -1'000'000 : greatest->second - 1'000'000 - scenario_.lateness;
    return std::max(own, upstream_);
  }

  bool take_fixed(std::int64_t time, const std::string& key, std::int64_t value, std::int64_t now) {
    const std::int64_t step = scenario_.kind == WindowKind::days ? 86400 : every;
    const std::int64_t length = scenario_.kind == WindowKind::overlapping ? size : step;
    // Windows that overlap end at the origin; days begin two hours before UTC's in Athens in winter.
    const std::int64_t from = scenario_.kind == WindowKind::days ? -7200 : origin + step - length;
    // (start, end]: in whole seconds, as good as [start + 1, end + 1). The watermark is a nanosecond short of `now`.
    const std::int64_t within = scenario_.right ? time - 1 : time;
    bool taken = false;
    for (std::int64_t start = floor_to(within, step, from); start + length > within; start -= step) {
      const std::int64_t end = start + length;
      if (scenario_.right ? end + scenario_.keep < now : end + scenario_.keep <= now) continue;
      Content& content = fixed_[{start, end, key}];
      ++content.first;
      content.second += value;
      taken = true;
    }
    return taken;
  }

  bool take_session(std::int64_t time, const std::string& key, std::int64_t value, std::int64_t now) {
    Span made{key, time, time + gap, {1, value}};
    std::vector<Span> others;
    bool near = false;
    for (const Span& each : spans_) {
      const bool forgotten = each.last + scenario_.keep <= now;
      if (forgotten || each.key != key || time >= each.last || each.first >= time + gap) {
        others.push_back(each);
        continue;
      }
      near = true;
      made.first = std::min(made.first, each.first);
      made.last = std::max(made.last, each.last);
      made.content.first += each.content.first;
      made.content.second += each.content.second;
    }
    if (!near && time + gap + scenario_.keep <= now) return false;
    others.push_back(made);
    spans_ = std::move(others);
    return true;
  }

  bool take_counted(std::int64_t time, const std::string& key, std::int64_t value) {
    auto open = std::find_if(spans_.begin(), spans_.end(),
                             [&](const Span& each) { return each.key == key && each.content.first < full; });
    if (open == spans_.end()) open = spans_.insert(spans_.end(), {key, time, time, {}});
    open->first = std::min(open->first, time);
    open->last = std::max(open->last, time);
    ++open->content.first;
    open->content.second += value;
    return true;
  }

  Scenario scenario_;
  std::map<std::string, std::int64_t> greatest_;
  std::int64_t upstream_ = -1'000'000;
  std::map<Place, Content> fixed_;
  std::vector<Span> spans_;
};

/// The rows of a reader for whom a later row replaces an earlier one with the same window and key.
class Reader {
 public:
  explicit Reader(const Scenario& scenario) : scenario_(scenario) {}

  void take(const std::string& lines) {
    for (std::size_t at = 0, newline = 0; at < lines.size(); at = newline + 1) {
      newline = lines.find('\n', at);
      const std::string_view line = std::string_view(lines).substr(at, newline - at);
      if (line.starts_with("{\"@ctl\"")) continue;
      const Record* row = parser_.parse_copy(line, 1);
      REQUIRE(row != nullptr);
      const auto second = [&](FieldId id) {
        return std::chrono::floor<seconds>(TimeParser().parse((*row)[id].text).value()).time_since_epoch().count();
      };
      const Place place(second(start_), second(end_), std::string((*row)[key_].text));
      const auto number = [&](FieldId id) { return static_cast<std::int64_t>((*row)[id].number().value_or(0)); };
      if (const auto before = revisions_.find(place); before != revisions_.end() && scenario_.keep > 0)
        CHECK(number(rev_) >= before->second);
      revisions_[place] = number(rev_);
      if ((*row)[retracted_].is_true()) {
        REQUIRE(rows_.erase(place) == 1);
        continue;
      }
      auto& contents = rows_[place];
      if (scenario_.kind != WindowKind::records) contents.clear();
      contents.emplace_back(number(n_), number(sum_));
      std::sort(contents.begin(), contents.end());
    }
  }
  const std::map<Place, std::vector<Content>>& rows() const { return rows_; }

 private:
  Scenario scenario_;
  FieldSet fields_;
  FieldId start_ = fields_.add("window_start"), end_ = fields_.add("window_end"), key_ = fields_.add("k"),
          n_ = fields_.add("n"), sum_ = fields_.add("s"), rev_ = fields_.add("rev"),
          retracted_ = fields_.add("retracted");
  RecordParser parser_{fields_};
  std::map<Place, std::vector<Content>> rows_;
  std::map<Place, std::int64_t> revisions_;
};

Settings settings_of(const Scenario& scenario) {
  Settings settings;
  settings.time.epochs = weir::Epochs::any;
  settings.lateness = seconds(scenario.lateness);
  settings.allow_late = seconds(scenario.keep);
  settings.watermark = scenario.watermark;
  settings.closed = scenario.right ? ClosedEnd::right : ClosedEnd::left;
  if (scenario.early) settings.early = seconds(20);
  settings.by = {"k"};
  settings.aggregates = "count() as n, sum(v) as s";
  settings.strict = true;  // else count() takes a record whose v is wrong
  settings.late = {"late"};
  if (scenario.keep > 0) settings.late_copy = "taken";
  settings.statistics = Statistics::report;
  if (scenario.kind == WindowKind::sessions) {
    settings.gap = seconds(gap);
  } else if (scenario.kind == WindowKind::records) {
    settings.count = full;
  } else if (scenario.kind == WindowKind::days) {
    settings.every = "day";
    settings.time.zone = "Europe/Athens";
  } else {
    settings.every = std::to_string(every) + "s";
    settings.origin = std::to_string(origin) + "s";
    if (scenario.kind == WindowKind::overlapping) settings.size = seconds(size);
  }
  return settings;
}

void run(const Scenario& scenario, unsigned seed) {
  CAPTURE(static_cast<int>(scenario.kind), scenario.lateness, scenario.keep, static_cast<int>(scenario.watermark),
          scenario.early, scenario.right, seed);
  std::mt19937 random(seed);
  WinAgg stage(settings_of(scenario));
  RecordParser parser(stage.fields());
  Output out;
  out.sides.resize(2);
  Model model(scenario);
  Reader reader(scenario);
  std::uint64_t taken = 0, late = 0, rejected = 0;
  constexpr std::uint64_t records = 1500;
  const std::int64_t pace = scenario.kind == WindowKind::days ? 600 : 3;
  for (std::uint64_t i = 0; i < records; ++i) {
    const std::string key(1, static_cast<char>('a' + random() % 4));
    // Key d has a clock that runs fast; some records are very late.
    const std::int64_t time = pace * static_cast<std::int64_t>(i) -
                              static_cast<std::int64_t>(random() % (random() % 10 == 0 ? 120U : 8U)) * pace +
                              (key == "d" ? 100 * pace : 0);
    const bool bad = random() % 40 == 0;
    const std::string line = R"({"timestamp":)" + std::to_string(time) + R"(,"k":")" + key + R"(","v":)" +
                             (bad ? "\"?\"" : std::to_string(i)) + "}";
    REQUIRE(stage.on_record(*parser.parse_copy(line, 1), out).rejected() == bad);
    if (bad) {
      ++rejected;
    } else {
      ++(model.take(time, key, static_cast<std::int64_t>(i)) ? taken : late);
    }
    if (random() % 50 == 0) {
      const std::int64_t promised = pace * static_cast<std::int64_t>(i) - 60 * pace;
      model.upstream(promised);
      stage.on_watermark(Time(seconds(promised)), out);
    }
    reader.take(std::exchange(out.lines, {}));
  }
  stage.on_end(out);
  reader.take(out.lines);
  CHECK((reader.rows() == model.rows()));
  CHECK(stage.statistics(records, rejected) == "1500 records in = " + std::to_string(taken) + " in windows + " +
                                                   std::to_string(late) + " late + " + std::to_string(rejected) +
                                                   " rejected");
  CHECK(static_cast<std::uint64_t>(std::count(out.sides[0].begin(), out.sides[0].end(), '\n')) == late);
  CHECK((out.sides[1].empty()) == (scenario.keep == 0));
}

}  // namespace

TEST_CASE("every record is in the windows that it belongs to, or late, whatever the windows and the options") {
  unsigned seed = 1;
  for (const WindowKind kind : {WindowKind::side_by_side, WindowKind::overlapping, WindowKind::days,
                                WindowKind::sessions, WindowKind::records}) {
    const bool days = kind == WindowKind::days;
    for (const std::int64_t lateness : {0, days ? 7200 : 20}) {
      for (const std::int64_t keep : {0, days ? 40000 : 90}) {
        for (const WatermarkOf watermark : {WatermarkOf::stream, WatermarkOf::key}) {
          for (const bool early : {false, true}) {
            for (const bool right : {false, true}) {
              const bool fixed = kind != WindowKind::sessions && kind != WindowKind::records;
              if (right && !fixed) continue;
              if (kind == WindowKind::records && (keep > 0 || early || watermark == WatermarkOf::key)) continue;
              run({kind, lateness, keep, watermark, early, right}, seed++);
            }
          }
        }
      }
    }
  }
}
