#include "column_stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "time/timestamp.hpp"

namespace weir::lake_load {
namespace {

using Kind = ColumnType::Kind;

template <typename Value>
void widen(std::optional<std::pair<Value, Value>>& range, const std::vector<Value>& values) {
  if (values.empty()) return;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (!range) range.emplace(*least, *most);
  range->first = std::min(range->first, *least);
  range->second = std::max(range->second, *most);
}

bool has_range(Kind kind) {
  return kind == Kind::bigint || kind == Kind::real || kind == Kind::date || kind == Kind::time;
}

enum class Limit : std::uint8_t { least, greatest };

/// Readers take times of stats as milliseconds: the least is rounded down, the greatest up.
void append_millis(std::string& out, std::int64_t micros, Limit limit) {
  constexpr std::int64_t least = -9'200'000'000'000'000;  // of nanoseconds in 64 bits
  const std::chrono::microseconds value(std::clamp(micros, least, -least));
  const auto millis = limit == Limit::greatest ? std::chrono::ceil<std::chrono::milliseconds>(value)
                                               : std::chrono::floor<std::chrono::milliseconds>(value);
  out += '"' + format_time(Time(millis)) + '"';
}

}  // namespace

ColumnStats::ColumnStats(const Columns& columns) {
  for (const Column& column : columns.all())
    if (!column.in_path) ranges_.push_back({column.name, column.type.kind});
}

void ColumnStats::add(const std::vector<ParquetValues>& values) {
  if (values.empty()) return;
  rows_ += values.front().rows();
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    ranges_[i].nulls += values[i].nulls();
    if (!has_range(ranges_[i].kind)) continue;
    widen(ranges_[i].whole, values[i].whole());
    widen(ranges_[i].floats, values[i].floats());
  }
}

std::string ColumnStats::json() const {
  std::string out = fmt::format("{{\"numRecords\":{}", rows_);
  const auto object = [&](const char* name, const auto& append) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":{{", name);
    bool first = true;
    for (const Range& range : ranges_) {
      if (name != std::string_view("nullCount") && !range.whole && !range.floats) continue;
      if (!first) out += ',';
      first = false;
      append_json_string(out, range.name);
      out += ':';
      append(range);
    }
    out += '}';
  };
  const auto value_of = [&](Limit limit) {
    return [&out, limit](const Range& range) {
      const auto chosen = [limit](const auto& ends) { return limit == Limit::greatest ? ends.second : ends.first; };
      if (range.floats) return append_number(out, chosen(*range.floats));
      const std::int64_t value = chosen(*range.whole);
      if (range.kind == Kind::time) return append_millis(out, value, limit);
      if (range.kind != Kind::date) return append_number(out, value);
      out += '"' + format_date(Time(std::chrono::days(value)), Zone()) + '"';
    };
  };
  object("minValues", value_of(Limit::least));
  object("maxValues", value_of(Limit::greatest));
  object("nullCount", [&](const Range& range) { append_number(out, range.nulls); });
  out += '}';
  return out;
}

}  // namespace weir::lake_load
