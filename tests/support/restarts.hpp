// A filter that is stopped and restored, against one that runs through.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "pipeline/filter.hpp"
#include "record/control.hpp"
#include "record/parser.hpp"
#include "saved_state.hpp"

namespace weir::test {

/// Gives a line to a filter as the run does, control lines included.
inline void give(Filter& filter, RecordParser& parser, const std::string& line, Output& out) {
  if (is_control_line(line)) {
    const auto control = parse_control(line);
    REQUIRE(control);
    filter.on_watermark(control->time, out);
    append_watermark(out.lines, filter.promise(control->time));
    return;
  }
  const Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  static_cast<void>(filter.on_record(*record, out));
}

/// Runs the lines through a filter that `make` makes, once without a break, and then with a new filter that loads the
/// snapshot after every `every`-th line; checks that the same bytes come out, side files included.
inline void check_restarts(const std::function<std::unique_ptr<Filter>()>& make, const std::vector<std::string>& lines,
                           std::size_t every) {
  const auto run = [&](std::size_t stop_every) {
    Output out;
    std::unique_ptr<Filter> filter = make();
    auto parser = std::make_unique<RecordParser>(filter->fields());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      give(*filter, *parser, lines[i], out);
      if (stop_every == 0 || (i + 1) % stop_every != 0) continue;
      const std::string state = saved_state(*filter);
      parser.reset();
      filter = make();
      parser = std::make_unique<RecordParser>(filter->fields());
      load_state(*filter, state);
      if (i % 8 == 7) CHECK(saved_state(*filter).size() == state.size());
    }
    filter->on_end(out);
    std::string all = out.lines + '\n' + filter->counts().text();
    for (const std::string& side : out.sides) all += '\n' + side;
    return all;
  };
  const std::string whole = run(0);
  REQUIRE(whole.size() > 100);
  CHECK(run(every) == whole);
}

/// Readings of a few cities, some late, null, doubled or revised, with watermarks between; the same for one seed.
inline std::vector<std::string> readings(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  const auto upto = [&random](unsigned limit) { return random() % limit; };
  std::vector<std::string> lines;
  std::int64_t second = 0;
  const auto stamp = [](std::int64_t at) {
    const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return "2026-01-" + two(1 + at / 86400) + "T" + two(at / 3600 % 24) + ":" + two(at / 60 % 60) + ":" + two(at % 60) +
           "Z";
  };
  for (std::size_t i = 0; i < count; ++i) {
    second += upto(40);
    if (upto(25) == 0) {
      std::string line;
      append_watermark(line, Time(std::chrono::seconds(1767225600 + second - 300)));
      line.pop_back();
      lines.push_back(line);
      continue;
    }
    const std::int64_t late = upto(10) == 0 ? std::min(second, static_cast<std::int64_t>(upto(400))) : 0;
    const std::string value = upto(12) == 0 ? "null" : std::to_string(upto(4000)) + "e-2";
    const std::string city = "a city with a long name no. " + std::to_string(upto(7));
    lines.push_back(R"({"timestamp":")" + stamp(second - late) + R"(","window_end":")" +
                    stamp((second - late) / 600 * 600) + R"(","city":")" + city + R"(","sensor":")" +
                    (upto(2) == 0 ? "a" : "b") + R"(","temperature_c":)" + value + R"(,"humidity":)" +
                    std::to_string(upto(130)) + R"(,"value":)" + value +
                    (upto(8) == 0 ? R"(,"rev":)" + std::to_string(upto(3)) : "") + "}");
    if (upto(15) == 0) lines.push_back(lines.back());
  }
  return lines;
}

}  // namespace weir::test
