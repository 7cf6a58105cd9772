#include "column_type.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "record/decimal.hpp"
#include "record/number.hpp"
#include "time/plausible.hpp"

namespace weir::lake_load {
namespace {

using Kind = ColumnType::Kind;

struct Named {
  Kind kind;
  const char* name;
  const char* delta;
};
constexpr Named names[] = {{Kind::boolean, "boolean", "boolean"}, {Kind::bigint, "bigint", "long"},
                           {Kind::real, "double", "double"},      {Kind::text, "string", "string"},
                           {Kind::json, "json", "string"},        {Kind::time, "timestamp", "timestamp"},
                           {Kind::date, "date", "date"},          {Kind::decimal, "decimal", "decimal"}};

constexpr double largest_exact = 9007199254740992;  // 2^53
constexpr int most_digits = 38;                     // of a decimal

/// Whether the digits of a number are those of the double.
bool is_exact(std::string_view number, double value, std::string& text) {
  text.clear();
  if (std::abs(value) >= largest_exact)
    fmt::format_to(std::back_inserter(text), "{:.0f}", value);
  else
    append_number(text, value);
  return compare_digits(number, text) == 0;
}

std::uint8_t read_digits(std::string_view text, int most) {
  int value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < 0 || value > most)
    throw std::invalid_argument("a decimal has 1 to 38 digits, some of them decimals, such as decimal(12,2)");
  return static_cast<std::uint8_t>(value);
}

}  // namespace

ColumnType ColumnType::parse(std::string_view text) {
  if (text.starts_with("decimal(") && text.ends_with(')')) {
    const std::string_view inner = text.substr(8, text.size() - 9);
    const auto comma = inner.find(',');
    ColumnType type{Kind::decimal};
    type.precision = read_digits(inner.substr(0, comma), most_digits);
    if (comma != std::string_view::npos) type.scale = read_digits(inner.substr(comma + 1), type.precision);
    if (type.precision == 0) read_digits("0x", 0);
    return type;
  }
  for (const Named& each : names)
    if (text == each.name && each.kind != Kind::decimal) return {each.kind};
  throw std::invalid_argument(fmt::format(
      "'{}' is not one of boolean, bigint, double, string, json, timestamp, date, decimal(DIGITS,DECIMALS)", text));
}

ColumnType ColumnType::of(const Value& value) {
  switch (value.kind) {
    case weir::Kind::boolean:
      return {Kind::boolean};
    case weir::Kind::number:
      return {Kind::real};
    case weir::Kind::object:
    case weir::Kind::array:
      return {Kind::json};
    default:
      return {Kind::text};
  }
}

std::string ColumnType::name() const {
  const std::string plain = names[static_cast<std::size_t>(kind)].name;
  return kind == Kind::decimal ? fmt::format("{}({},{})", plain, precision, scale) : plain;
}

std::string ColumnType::delta_name() const {
  return kind == Kind::decimal ? name() : names[static_cast<std::size_t>(kind)].delta;
}

ParquetColumn ColumnType::parquet(const std::string& column) const {
  switch (kind) {
    case Kind::boolean:
      return {column, ParquetType::boolean};
    case Kind::bigint:
      return {column, ParquetType::int64};
    case Kind::real:
      return {column, ParquetType::float64};
    case Kind::time:
      return {column, ParquetType::time};
    case Kind::date:
      return {column, ParquetType::date};
    case Kind::decimal:
      return {column, ParquetType::decimal, precision, scale};
    default:
      return {column, ParquetType::text};
  }
}

bool ValueReader::put(const ColumnType& type, const Value& value, ParquetValues* to) {
  if (!value.present()) {
    if (to != nullptr) to->add_null();
    return true;
  }
  switch (type.kind) {
    case Kind::boolean:
      if (value.kind != weir::Kind::boolean) return false;
      if (to != nullptr) to->add(std::int64_t{value.is_true()});
      return true;
    case Kind::bigint:
      return put_bigint(value, to);
    case Kind::real:
      return put_real(value, to);
    case Kind::time:
      return put_time(value, to);
    case Kind::decimal:
      return put_decimal(type, value, to);
    case Kind::date: {
      const auto date = value.kind == weir::Kind::string ? parse_date(value.text) : std::nullopt;
      if (!date) return false;
      if (to != nullptr) to->add(std::int64_t{std::chrono::sys_days(*date).time_since_epoch().count()});
      return true;
    }
    case Kind::text:
      if (value.kind != weir::Kind::string) return false;
      break;
    case Kind::json:
      break;
  }
  if (to != nullptr) to->add(type.kind == Kind::json ? value.raw : value.text);
  return true;
}

bool ValueReader::put_bigint(const Value& value, ParquetValues* to) {
  if (value.kind != weir::Kind::number) return false;
  std::int64_t whole = 0;
  const char* const end = value.raw.data() + value.raw.size();
  const auto read = std::from_chars(value.raw.data(), end, whole);
  if (read.ec != std::errc{} || read.ptr != end) {
    std::string_view number = value.raw;
    if (rounds()) {
      text_.clear();
      append_rounded(text_, number, 0);
      number = text_;
    }
    constexpr std::uint32_t most = 19;  // digits of 64 bits
    if (unscaled_.read(number, 0, most) != avro::NumberFit::fits || !unscaled_.read_int64(whole)) return false;
  }
  if (to != nullptr) to->add(whole);
  return true;
}

bool ValueReader::put_real(const Value& value, ParquetValues* to) {
  double number = value.fast_number;
  if (std::isnan(number)) {
    if (!value.read(number)) return false;
    if (!rounds() && !is_exact(value.raw, number, text_)) return false;
  } else if (value.kind != weir::Kind::number) {
    return false;
  }
  if (to != nullptr) to->add(number);
  return true;
}

bool ValueReader::read_time(const Value& value, Time& time) {
  if (value.kind == weir::Kind::string) return times_.parse(value.text, time);
  if (value.kind != weir::Kind::number) return false;
  const auto epoch = times_.parse_epoch(value.raw);
  if (epoch) time = *epoch;
  return epoch.has_value();
}

bool ValueReader::put_time(const Value& value, ParquetValues* to) {
  Time time;
  if (!read_time(value, time)) return false;
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time);
  if (micros != time && !rounds()) return false;
  if (to != nullptr) to->add(std::int64_t{micros.time_since_epoch().count()});
  return true;
}

bool ValueReader::is_time(const Value& value) {
  Time time;
  return read_time(value, time) && (value.kind == weir::Kind::string || is_plausible(time));
}

bool ValueReader::put_decimal(const ColumnType& type, const Value& value, ParquetValues* to) {
  std::string_view number = value.kind == weir::Kind::number ? value.raw : value.text;
  if (value.kind != weir::Kind::number && (value.kind != weir::Kind::string || !is_json_number(number))) return false;
  if (rounds()) {
    text_.clear();
    append_rounded(text_, number, type.scale);
    number = text_;
  }
  if (unscaled_.read(number, type.scale, type.precision) != avro::NumberFit::fits) return false;
  std::int64_t whole = 0;
  if (type.precision <= ParquetColumn::digits_of_int64) {
    if (!unscaled_.read_int64(whole)) return false;
    if (to != nullptr) to->add(whole);
    return true;
  }
  text_.clear();
  if (!unscaled_.append_fixed(text_, ParquetValues::wide_bytes)) return false;
  if (to != nullptr) to->add(std::string_view(text_));
  return true;
}

}  // namespace weir::lake_load
