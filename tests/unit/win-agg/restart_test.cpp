#include <initializer_list>

#include "restarts.hpp"
#include "saved_state.hpp"
#include "win_agg.hpp"

using namespace weir;
using namespace weir::win_agg;

namespace {

void check(const std::function<void(Settings&)>& shape, std::initializer_list<std::size_t> stops = {1, 13, 200}) {
  const auto make = [&shape]() -> std::unique_ptr<Filter> {
    Settings settings;
    settings.time.epochs = weir::Epochs::any;
    settings.by = {"city"};
    settings.every = "10m";
    settings.lateness = std::chrono::minutes(1);
    settings.late = {"late"};
    settings.aggregates =
        "count() as n, sum(temperature_c), avg(temperature_c) as mean, min(temperature_c), max(temperature_c), "
        "first(sensor), last(temperature_c) as newest, stddev(humidity), median(humidity), p95(temperature_c), "
        "distinct(sensor), delta(humidity), twa(temperature_c), count(humidity > 50) as damp, increase(humidity), "
        "integral(temperature_c) per hour, round(avg(humidity), 1) as rounded";
    shape(settings);
    if (settings.allow_late > Duration::zero()) settings.late_copy = "taken";
    return std::make_unique<WinAgg>(settings);
  };
  for (const std::size_t every : stops) test::check_restarts(make, test::readings(500, 9), every);
}

/// The windows that hold all records of the test below, with their aggregates.
Settings of_one_window(const std::string& aggregates) {
  Settings settings;
  settings.time.field = "at";
  settings.time.epochs = weir::Epochs::any;
  settings.aggregates = aggregates;
  settings.every = "10m";
  return settings;
}

/// Restores the state of `settings` after three records and gives it two more; the rows, and what is reported of them.
std::string changed(const std::string& state, const Settings& settings, std::string& message) {
  WinAgg stage(settings);
  RecordParser parser(stage.fields());
  test::load_state(stage, state);
  Output out;
  for (const char* line : {R"({"at":200,"t":3})", R"({"at":240,"t":5})"}) test::give(stage, parser, line, out);
  stage.on_end(out);
  message.clear();
  for (const RecordMessage& each : out.messages) message += each.text;
  return out.lines;
}

}  // namespace

TEST_CASE("aggregates that are added begin where the state ends, all others go on") {
  const auto shape = GENERATE(values<std::function<void(Settings&)>>(
      {[](Settings&) {}, [](Settings& settings) { settings.size = std::chrono::minutes(20); },
       [](Settings& settings) { settings.allow_late = std::chrono::minutes(5); },
       [](Settings& settings) {
         settings.by = {"key"};
         settings.watermark = WatermarkOf::key;
       },
       [](Settings& settings) {
         settings.every.clear();
         settings.count = 9;
       },
       [](Settings& settings) {
         settings.every.clear();
         settings.gap = std::chrono::minutes(5);
       }}));
  Settings before = of_one_window("count() as n, max(t), count(t) as with_t, last(t), twa(t)");
  shape(before);
  WinAgg first(before);
  RecordParser parser(first.fields());
  Output out;
  for (const char* line : {R"({"at":0,"t":10})", R"({"at":60,"t":2})", R"({"at":120,"t":7})"})
    test::give(first, parser, line, out);
  const std::string state = test::saved_state(first);

  // Columns that need a part more than the state has take none of its parts: all their parts are of the same records.
  Settings after = of_one_window(
      "avg(t), max(t) as again, range(t), max(t), count() as n, delta(t), distinct(t), avg(t) if t > 4 as high, "
      "rate(t)");
  shape(after);
  std::string message;
  const std::string rows = changed(state, after, message);
  REQUIRE(rows.find("\"t_avg\":4,\"again\":10,\"t_range\":2,\"t_max\":10,\"n\":5,\"t_delta\":2,\"t_distinct\":2,"
                    "\"high\":5,\"t_rate\":0.05,") != std::string::npos);
  CHECK(message ==
        "new in this state: t_avg, t_range, t_delta, t_distinct, high, t_rate; windows that were open have them of "
        "records from 1970-01-01T00:03:20Z on");

  // A state of such columns is restored as any other, and the columns that are gone begin anew.
  WinAgg second(after);
  test::load_state(second, state);
  const std::string changed_state = test::saved_state(second);
  std::string again;
  CHECK(changed(changed_state, after, again) == rows);
  CHECK(again.empty());
  CHECK(changed(changed_state, before, again).find("\"n\":5,\"t_max\":10,\"with_t\":2,\"t_last\":5,") !=
        std::string::npos);
  CHECK(changed(state, before, again).find("\"n\":5,\"t_max\":10,\"with_t\":5,\"t_last\":5,") != std::string::npos);
  CHECK(again.empty());
}

TEST_CASE("aggregates that take in what was before may come and go") {
  const std::string plain = "count() as n", carried = "count() as n, increase(t)";
  for (const auto& [before, after] : {std::pair(plain, carried), std::pair(carried, plain)}) {
    WinAgg first(of_one_window(before));
    RecordParser parser(first.fields());
    Output out;
    for (const char* line : {R"({"at":0,"t":1})", R"({"at":700,"t":2})", R"({"at":1300,"t":4})"})
      test::give(first, parser, line, out);
    WinAgg second(of_one_window(after));
    RecordParser later(second.fields());
    test::load_state(second, test::saved_state(first));
    test::give(second, later, R"({"at":1310,"t":5})", out);
    test::give(second, later, R"({"at":1320,"t":7})", out);
    second.on_end(out);
    CHECK(out.lines.find(after == plain ? R"("n":3,"partial")" : R"("n":3,"t_increase":2,)") != std::string::npos);
  }
}

TEST_CASE("found columns go with the functions of every field that found them") {
  WinAgg first(of_one_window("max(*), count() as n"));
  RecordParser parser(first.fields());
  Output out;
  test::give(first, parser, R"({"at":0,"t":9})", out);
  const std::string state = test::saved_state(first);
  WinAgg more(of_one_window("min(t) as least, max(*)"));
  RecordParser later(more.fields());
  test::load_state(more, state);
  test::give(more, later, R"({"at":60,"t":8})", out);
  more.on_end(out);
  CHECK(out.lines.find(R"("least":8,"t_max":9,)") != std::string::npos);
  for (const char* other : {"min(*)", "count() as t_max, max(*)"}) {
    WinAgg refused(of_one_window(other));
    CHECK_THROWS_AS(test::load_state(refused, state), SnapshotError);
  }
}

TEST_CASE("restarts change no rows") {
  SECTION("tumbling") {
    check([](Settings&) {});
  }
  SECTION("tumbling, revised, early") {
    check([](Settings& settings) {
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("tumbling, with watermarks of its own") {
    check([](Settings& settings) { settings.watermarks = Watermarks::write; });
  }
  SECTION("tumbling, with what was before, filled") {
    check([](Settings& settings) {
      settings.aggregates += ", twa(humidity) carry as held";
      settings.every = "3m";
      settings.fill = 4;
      settings.local = {"date", "hour"};
    });
  }
  SECTION("tumbling, with what was before, revised, early") {
    check([](Settings& settings) {
      settings.aggregates += ", twa(humidity) carry as held";
      settings.every = "3m";
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(1);
    });
  }
  SECTION("with what was before, of every numeric field, and a watermark for each key") {
    check([](Settings& settings) {
      settings.aggregates = "increase(*), twa(*) carry, integral(*) per second";
      settings.watermark = WatermarkOf::key;
    });
  }
  SECTION("overlapping") {
    check([](Settings& settings) { settings.size = std::chrono::minutes(50); });
  }
  SECTION("overlapping, of many panes, revised, early") {
    const auto shape = [](Settings& settings) {
      settings.size = std::chrono::minutes(60);
      settings.every = "1m";
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    };
    check(shape, {4, 200});  // its snapshots are the largest
  }
  SECTION("sessions") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.gap = std::chrono::minutes(5);
    });
  }
  SECTION("sessions, revised, early") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.gap = std::chrono::minutes(3);
      settings.allow_late = std::chrono::minutes(15);
      settings.early = std::chrono::minutes(2);
    });
  }
  SECTION("sessions of a greatest length") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.gap = std::chrono::minutes(5);
      settings.max_length = std::chrono::minutes(12);
    });
  }
  SECTION("counts") {
    check([](Settings& settings) {
      settings.every.clear();
      settings.count = 7;
    });
  }
  SECTION("a watermark for each key") {
    check([](Settings& settings) { settings.watermark = WatermarkOf::key; });
  }
  SECTION("every numeric field, found on the way") {
    check([](Settings& settings) { settings.aggregates.clear(); });
  }
  SECTION("found fields and a watermark for each key") {
    check([](Settings& settings) {
      settings.aggregates.clear();
      settings.watermark = WatermarkOf::key;
    });
  }
}
