#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "cep_match.hpp"
#include "restarts.hpp"
#include "time/timestamp.hpp"

using namespace weir;
using namespace weir::cep_match;

namespace {

Settings line_settings(const std::string& skip) {
  Settings settings;
  settings.time.epochs = Epochs::any;
  settings.by = {"city"};
  settings.pattern = "cool then warmer{1,3} then not wet within 5m gap 1h";
  settings.define = {"cool: temperature_c < 20", "warmer: temperature_c > cool.temperature_c and count(warmer) < 4",
                     "wet: humidity > 90"};
  settings.measures = {"n = count(warmer)", "mean = avg(warmer.temperature_c)", "last = classifier()"};
  settings.skip = skip;
  settings.timeouts = Timeouts::write;
  settings.late = {"late"};
  return settings;
}

std::vector<Settings> all_settings() {
  std::vector<Settings> made;
  for (const char* skip : {"past-last", "next-row", "none", "last:warmer"}) made.push_back(line_settings(skip));
  made.push_back(line_settings("past-last"));
  made.back().lateness = std::chrono::minutes(4);
  made.push_back(line_settings("next-row"));
  made.back().lateness = std::chrono::minutes(4);
  made.back().watermark = WatermarkOf::key;
  made.push_back(line_settings("past-last"));
  made.back().watermark = WatermarkOf::input;
  made.push_back(line_settings("past-last"));
  made.back().pattern = "not wet within 10m then cool next warmer+";
  made.back().rows = Rows::all;
  made.push_back(line_settings("past-last"));
  made.back().max_records = 5;
  made.push_back(Settings{});
  made.back().time.epochs = Epochs::any;
  made.back().late = {"late"};
  made.back().lateness = std::chrono::minutes(2);
  made.back().match_recognize =
      "PARTITION BY city MEASURES MATCH_NUMBER() AS m, CLASSIFIER() AS c, NEXT(temperature_c, 2) AS coming, "
      "FINAL AVG(UP.temperature_c) AS mean ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN (A UP* (DOWN | UP)) WITHIN "
      "30m DEFINE UP AS temperature_c > PREV(temperature_c), DOWN AS temperature_c < A.temperature_c";
  return made;
}

/// Whether no row is older than a watermark before it.
bool keeps_promises(const std::string& lines) {
  FieldSet fields;
  const FieldId stamp = fields.add("timestamp");
  const FieldId end = fields.add("window_end");
  RecordParser parser(fields);
  TimeParser times;
  Time promised = Time::min();
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t stop = lines.find('\n', begin);
    const std::string line = lines.substr(begin, stop - begin);
    begin = stop + 1;
    if (is_control_line(line)) {
      promised = std::max(promised, parse_control(line)->time);
      continue;
    }
    const Record* record = parser.parse_copy(line, 1);
    REQUIRE(record != nullptr);
    const Value& value = (*record)[stamp].present() ? (*record)[stamp] : (*record)[end];
    const auto time = times.parse(value.text);
    REQUIRE(time);
    if (*time < promised) return false;
  }
  return true;
}

std::string output_of(const Settings& settings, const std::vector<std::string>& lines) {
  CepMatch stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  for (const std::string& line : lines) test::give(stage, parser, line, out);
  stage.on_end(out);
  return out.lines;
}

}  // namespace

TEST_CASE("restarts change no matches") {
  for (const Settings& settings : all_settings()) {
    INFO(settings.pattern << settings.match_recognize << " " << settings.skip);
    const auto make = [&]() -> std::unique_ptr<Filter> { return std::make_unique<CepMatch>(settings); };
    for (const std::size_t every : std::vector<std::size_t>{1, 50})
      test::check_restarts(make, test::readings(300, 4), every);
  }
}

TEST_CASE("no row is older than a watermark before it") {
  for (const Settings& settings : all_settings()) {
    INFO(settings.pattern << settings.match_recognize << " " << settings.skip);
    CHECK(keeps_promises(output_of(settings, test::readings(1000, 7))));
  }
}

TEST_CASE("records out of order within the lateness match as those in order") {
  std::mt19937 random(5);
  std::vector<std::string> ordered;
  for (int i = 0; i < 500; ++i)
    ordered.push_back(fmt::format(R"({{"timestamp":{},"city":"{}","temperature_c":{},"humidity":{}}})",
                                  1'767'225'600 + 10 * i, i % 3, random() % 30, random() % 100));
  std::vector<std::string> shuffled = ordered;
  for (std::size_t begin = 0; begin + 20 <= shuffled.size(); begin += 20)
    std::shuffle(shuffled.begin() + static_cast<std::ptrdiff_t>(begin),
                 shuffled.begin() + static_cast<std::ptrdiff_t>(begin) + 20, random);
  const auto sorted = [](std::string lines) {
    std::vector<std::string> rows;
    for (std::size_t begin = 0; begin < lines.size(); begin = lines.find('\n', begin) + 1)
      rows.push_back(lines.substr(begin, lines.find('\n', begin) - begin));
    std::sort(rows.begin(), rows.end());
    return rows;
  };
  for (const char* skip : {"past-last", "next-row", "none"})
    for (const WatermarkOf watermark : {WatermarkOf::stream, WatermarkOf::key}) {
      Settings settings = line_settings(skip);
      settings.watermark = watermark;
      const auto expected = sorted(output_of(settings, ordered));
      settings.lateness = std::chrono::seconds(400);
      CHECK(expected.size() > 20);
      CHECK(sorted(output_of(settings, shuffled)) == expected);
    }
}
