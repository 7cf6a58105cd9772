#include "partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <stdexcept>

#include "record/number.hpp"
#include "record/value_checks.hpp"
#include "time/time_of_day.hpp"

namespace weir::lake_load {
namespace {

constexpr const char* null_folder = "__HIVE_DEFAULT_PARTITION__";
constexpr std::size_t longest_name = 255;  // of a file, in bytes
constexpr std::string_view letters = "YmdFjHMS";

std::chrono::year_month_day date_of(Time time) { return std::chrono::floor<std::chrono::days>(time); }

/// Whether a number is an integer of 64 bits as its digits show it.
bool is_plain_integer(std::string_view number) {
  std::int64_t whole = 0;
  const char* const end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, whole);
  return read.ec == std::errc{} && read.ptr == end;
}

bool must_be_encoded(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7f || std::string_view("\"#%'*/:=?\\{}[]^").find(c) != std::string_view::npos;
}

}  // namespace

std::string folder_text(const std::optional<std::string>& value) {
  if (!value) return null_folder;
  std::string text;
  for (const char c : *value) {
    if (must_be_encoded(c))
      fmt::format_to(std::back_inserter(text), "%{:02X}", static_cast<unsigned char>(c));
    else
      text += c;
  }
  return text;
}

void append_formatted(std::string& out, std::string_view format, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date = day;
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time_of_day(time)));
  const int year = static_cast<int>(date.year());
  const auto to = std::back_inserter(out);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y':
        fmt::format_to(to, "{:04}", year);
        break;
      case 'm':
        fmt::format_to(to, "{:02}", static_cast<unsigned>(date.month()));
        break;
      case 'd':
        fmt::format_to(to, "{:02}", static_cast<unsigned>(date.day()));
        break;
      case 'F':
        append_formatted(out, "%Y-%m-%d", time);
        break;
      case 'j':
        fmt::format_to(to, "{:03}", (day - std::chrono::sys_days(date.year() / 1 / 1)).count() + 1);
        break;
      case 'H':
        fmt::format_to(to, "{:02}", clock.hours().count());
        break;
      case 'M':
        fmt::format_to(to, "{:02}", clock.minutes().count());
        break;
      default:
        fmt::format_to(to, "{:02}", clock.seconds().count());
    }
  }
}

std::optional<ColumnType> type_of(const PartitionLevel& level) {
  using Kind = ColumnType::Kind;
  if (level.kind == PartitionLevel::Kind::literal || level.has_default) return ColumnType{Kind::text};
  if (level.kind == PartitionLevel::Kind::field) return std::nullopt;
  if (level.text == "%F" || level.text == "%Y-%m-%d") return ColumnType{Kind::date};
  return ColumnType{level.text.size() == 2 ? Kind::bigint : Kind::text};
}

PartitionTemplate::PartitionTemplate(std::string_view text, FieldSet& fields) {
  while (!text.empty()) {
    const auto slash = text.find('/');
    add_level(text.substr(0, slash), fields);
    text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
  }
  times_.resize(levels_.size());
}

void PartitionTemplate::add_level(std::string_view text, FieldSet& fields) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size())
    throw std::invalid_argument(fmt::format("'{}' is not NAME=VALUE, such as dt={{timestamp:%Y-%m-%d}}", text));
  PartitionLevel level;
  level.name = text.substr(0, equals);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (level.name.find_first_of("{}%. ,;()\"\\") != std::string::npos || level.name.starts_with('_') ||
      std::any_of(level.name.begin(), level.name.end(), is_control))
    throw std::invalid_argument(fmt::format("'{}' cannot be the name of a partition", level.name));
  for (const PartitionLevel& each : levels_)
    if (each.name == level.name) throw std::invalid_argument(fmt::format("'{}' is there twice", level.name));
  std::string_view value = text.substr(equals + 1);
  if (value.find_first_of("{}") == std::string_view::npos) {
    level.text = value;
    levels_.push_back(std::move(level));
    return;
  }
  if (!value.starts_with('{') || !value.ends_with('}') || value.find('{', 1) != std::string_view::npos)
    throw std::invalid_argument(fmt::format("'{}': a value is one {{FIELD}} or a text without braces", text));
  value = value.substr(1, value.size() - 2);
  const auto colon = value.find(':');
  level.path = value.substr(0, colon);
  level.kind = PartitionLevel::Kind::field;
  if (colon != std::string_view::npos) {
    level.text = value.substr(colon + 1);
    if (level.text.starts_with('-')) {
      level.has_default = true;
      level.text.erase(0, 1);
      if (level.text.empty()) throw std::invalid_argument(fmt::format("'{}': a default is not empty", text));
    } else {
      level.kind = PartitionLevel::Kind::time;
      note_steps(level.text);
      if (!time_field_.empty() && time_field_ != level.path)
        throw std::invalid_argument("partitions are of the time of one field");
      time_field_ = level.path;
    }
  }
  if (level.kind == PartitionLevel::Kind::field) level.field = fields.add(level.path);
  levels_.push_back(std::move(level));
}

void PartitionTemplate::note_steps(std::string_view format) {
  bool any = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const char letter = ++i < format.size() ? format[i] : '%';
    if (letters.find(letter) == std::string_view::npos)
      throw std::invalid_argument(fmt::format("'{}': the letters of a time are %Y %m %d %F %j %H %M %S", format));
    any = true;
    const Step step = letter == 'Y'   ? Step::year
                      : letter == 'm' ? Step::month
                      : letter == 'H' ? Step::hour
                      : letter == 'M' ? Step::minute
                      : letter == 'S' ? Step::second
                                      : Step::day;
    if (step_ == Step::none || step < step_) step_ = step;
  }
  if (!any)
    throw std::invalid_argument(fmt::format("'{}' is not the format of a time; a default begins with -", format));
}

std::vector<std::string> PartitionTemplate::names() const {
  std::vector<std::string> all;
  for (const PartitionLevel& level : levels_) all.push_back(level.name);
  return all;
}

std::vector<std::string> PartitionTemplate::own_fields() const {
  std::vector<std::string> own;
  for (const PartitionLevel& level : levels_)
    if (level.kind == PartitionLevel::Kind::field && level.path == level.name) own.push_back(level.name);
  return own;
}

/// Finds the period that a time lies in, and what the levels show of it.
void PartitionTemplate::find_period(Time time) {
  using namespace std::chrono;
  const year_month_day date = date_of(time);
  const auto fixed = [&](Duration step) {
    const Duration since = time.time_since_epoch();
    const Duration rest = (since % step + step) % step;
    begin_ = time - rest;
    end_ = begin_ + step;
  };
  switch (step_) {
    case Step::second:
      fixed(seconds(1));
      break;
    case Step::minute:
      fixed(minutes(1));
      break;
    case Step::hour:
      fixed(hours(1));
      break;
    case Step::month:
      begin_ = sys_days(date.year() / date.month() / 1);
      end_ = sys_days((date.year() / date.month() + months(1)) / 1);
      break;
    case Step::year:
      begin_ = sys_days(date.year() / 1 / 1);
      end_ = sys_days((date.year() + years(1)) / 1 / 1);
      break;
    default:
      fixed(days(1));
  }
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].kind != PartitionLevel::Kind::time) continue;
    times_[i].clear();
    append_formatted(times_[i], levels_[i].text, time);
  }
}

Verdict PartitionTemplate::fill_field(const PartitionLevel& level, const Record& record, Columns& columns,
                                      std::optional<std::string>& text) {
  const Value& value = record[*level.field];
  if (!value.present()) {
    if (level.has_default) text = level.text;
    return Verdict::ok();
  }
  if (value.kind == Kind::object || value.kind == Kind::array)
    return Verdict::reject(fmt::format("{} is in the partition and is an object or a list", level.path));
  if (value.text.empty()) return Verdict::reject(fmt::format("{} is in the partition and is empty", level.path));
  text = value.text;
  if (level.has_default) return Verdict::ok();
  const Column* column = columns.find(level.name);
  ColumnType type;
  if (column != nullptr) {
    type = column->type;
  } else if (const auto given = columns.given_type(level.name)) {
    type = *given;
  } else if (type = ColumnType::of(value); type.kind == ColumnType::Kind::real && is_plain_integer(value.raw)) {
    type = {ColumnType::Kind::bigint};
  }
  const bool reads_back = type.kind != ColumnType::Kind::bigint || is_plain_integer(value.raw);
  if (!reads_back || !reader_.put(type, value, nullptr))
    return Verdict::reject(
        fmt::format("{} {} does not fit its partition of type {}", level.path, shortened(value.raw), type.name()));
  if (column == nullptr) columns.add_in_path(level.name, type);
  return Verdict::ok();
}

/// No less than the length of the place's folder.
std::size_t PartitionTemplate::folder_bound(const Place& place) const {
  std::size_t bound = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i)
    bound += levels_[i].name.size() + 2 +
             (place.values[i] ? 3 * place.values[i]->size() : std::string_view(null_folder).size());
  return bound;
}

Verdict PartitionTemplate::fill(const Record& record, Time time, Columns& columns, Place& place) {
  if (step_ != Step::none && (time < begin_ || time >= end_)) find_period(time);
  place.key.clear();
  place.values.resize(levels_.size());
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const PartitionLevel& level = levels_[i];
    std::optional<std::string>& value = place.values[i];
    if (level.kind == PartitionLevel::Kind::time) {
      value = times_[i];
    } else if (level.kind == PartitionLevel::Kind::literal) {
      value = level.text;
    } else {
      value.reset();
      if (Verdict verdict = fill_field(level, record, columns, value); verdict.rejected()) return verdict;
    }
    if (value) place.key += *value;
    place.key += value ? '\x01' : '\x02';  // no text of JSON that is valid as a name has these next to each other
    if (value && level.name.size() + 1 + 3 * value->size() > longest_name &&
        level.name.size() + 1 + folder_text(value).size() > longest_name)
      return Verdict::reject(fmt::format("{} is too long for the name of a folder", level.name));
  }
  if (longest_folder_ && folder_bound(place) > *longest_folder_) {
    complete(place, time);
    if (place.folder.size() > *longest_folder_)
      return Verdict::reject("the partition is too long for the key of an object");
  }
  if (step_ != Step::none) append_number(place.key, std::int64_t{begin_.time_since_epoch().count()});
  return Verdict::ok();
}

void PartitionTemplate::complete(Place& place, Time) const {
  place.folder.clear();
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (i > 0) place.folder += '/';
    place.folder += levels_[i].name + '=' + folder_text(place.values[i]);
  }
  place.end.reset();
  if (step_ != Step::none) place.end = end_;
}

}  // namespace weir::lake_load
