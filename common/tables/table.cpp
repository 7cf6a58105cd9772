#include "tables/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "record/field_set.hpp"
#include "record/json_text.hpp"

namespace weir::tables {
namespace {

constexpr std::size_t most_keys = std::numeric_limits<std::int32_t>::max();
constexpr Position lowest = std::numeric_limits<Position>::min();
constexpr Position highest = std::numeric_limits<Position>::max();

/// The position that a cell has; an empty one is an open end.
Position read_position(const Value& value, const TableSettings& settings, TimeParser& times, Position open,
                       const std::string& column, std::uint64_t line) {
  if (!value.present()) return open;
  if (settings.order == Order::numbers) {
    if (const auto number = value.number()) return position_of(*number);
  } else if (Time time; times.parse(value.text, time)) {
    return position_of(time);
  }
  throw TableError(fmt::format("{}:{}: {} {} is not a {}", settings.rows.name, line, column, value.raw,
                               settings.order == Order::numbers ? "number" : "time"));
}

/// The columns to be taken: as asked for, or all without another use.
std::vector<FieldAs> columns_to_take(std::string_view text, const TableSettings& settings) {
  if (!settings.take.empty()) return settings.take;
  std::vector<FieldAs> all;
  for (const std::string& column : columns_of(text, settings.rows))
    if (std::ranges::find(settings.keys, column) == settings.keys.end() && column != settings.from &&
        column != settings.to)
      all.push_back({column});
  return all;
}

}  // namespace

Position position_of(Time time) { return time.time_since_epoch().count(); }

Position position_of(double number) {
  const auto bits = std::bit_cast<std::int64_t>(number + 0.0);  // one zero
  return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
}

void append_key(std::string& key, std::string_view text, std::size_t parts) {
  key += text;
  if (parts > 1) key += '\xff';  // UTF-8 never has it
}

Table::Table(std::string_view text, const TableSettings& settings) : order_(settings.order), index_(most_keys) {
  std::vector<Built> built;
  read(text, settings, built);
  arrange(built, settings);
}

/// Reads all rows, in the order of the file.
void Table::read(std::string_view text, const TableSettings& settings, std::vector<Built>& built) {
  std::vector<std::string> columns = settings.keys;
  const std::size_t keys = columns.size();
  const bool csv = settings.rows.format == Format::csv || settings.rows.format == Format::tsv;
  taken_ = columns_to_take(text, settings);
  for (const FieldAs& each : taken_) {
    columns.push_back(each.path);
    names_.push_back(!each.name.empty() ? each.name : csv ? each.path : FieldSet::plain_name(each.path));
    openings_.push_back(",");
    append_json_string(openings_.back(), names_.back());
    openings_.back() += ':';
  }
  const std::size_t from = columns.size();
  if (order_ != Order::none) columns.push_back(settings.from);
  if (!settings.to.empty()) columns.push_back(settings.to);
  TimeParser times = settings.times;
  std::string key;
  read_rows(text, settings.rows, columns, [&](std::uint64_t line, std::span<const Value> values) {
    key.clear();
    bool whole = true;
    for (std::size_t i = 0; i < keys; ++i) {
      whole = whole && values[i].present();
      append_key(key, values[i].text, keys);
    }
    if (!whole) {
      ++without_key_;
      return;
    }
    Built row;
    row.line = line;
    row.stored = {text_.size(), lowest, highest};
    if (order_ != Order::none) {
      if (order_ == Order::as_of && !values[from].present())
        throw TableError(fmt::format("{}:{}: no {}", settings.rows.name, line, settings.from));
      row.stored.from = read_position(values[from], settings, times, lowest, settings.from, line);
    }
    if (!settings.to.empty()) {
      row.stored.to = read_position(values[from + 1], settings, times, highest, settings.to, line);
      if (row.stored.to <= row.stored.from)
        throw TableError(
            fmt::format("{}:{}: {} is not before {}", settings.rows.name, line, settings.from, settings.to));
    }
    row.key = index_.find_or_add(key);
    std::size_t ends = text_.size();
    text_.append(names_.size() * sizeof(std::uint32_t), '\0');
    const std::size_t begin = text_.size();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const Value& value = values[keys + i];
      text_ += openings_[i];
      text_ += value.kind == Kind::missing ? "null" : value.raw;
      const auto end = static_cast<std::uint32_t>(text_.size() - begin);
      if (end != text_.size() - begin)
        throw TableError(fmt::format("{}:{}: the row is too long", settings.rows.name, line));
      std::memcpy(text_.data() + ends, &end, sizeof end);
      ends += sizeof end;
    }
    built.push_back(row);
  });
  if (built.size() > most_keys) throw TableError(settings.rows.name + ": too many rows");
}

/// Puts the rows of each key together, in their order, and decides between duplicates.
void Table::arrange(std::vector<Built>& built, const TableSettings& settings) {
  std::vector<std::uint32_t> order(built.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return built[a].key != built[b].key ? built[a].key < built[b].key : built[a].stored.from < built[b].stored.from;
  });
  rows_.reserve(order.size());
  const Built* before = nullptr;
  for (const std::uint32_t number : order) {
    const Built& row = built[number];
    const bool same_key = before != nullptr && before->key == row.key;
    const bool equal = same_key && before->stored.from == row.stored.from && before->stored.to == row.stored.to;
    if (equal && settings.duplicates != Duplicates::refused) {
      ++duplicates_;
      if (settings.duplicates == Duplicates::first) continue;
      rows_.pop_back();
      --index_[row.key].count;
    } else if (equal || (same_key && order_ != Order::as_of && row.stored.from < before->stored.to)) {
      throw TableError(fmt::format("{}:{}: {} as on line {}{}", settings.rows.name, std::max(row.line, before->line),
                                   equal ? "the same key" : "an interval that overlaps, of the same key",
                                   std::min(row.line, before->line),
                                   equal ? "; --duplicates first or last takes one of them" : ""));
    }
    Span& span = index_[row.key];
    if (span.count++ == 0) span.first = order_ == Order::none ? row.stored.begin : rows_.size();
    rows_.push_back(row.stored);
    before = &row;
  }
  size_ = rows_.size();
  if (order_ == Order::none) rows_.clear();
  rows_.shrink_to_fit();
  text_.shrink_to_fit();
}

std::optional<Table::Row> Table::find(std::string_view key, Position at) const {
  const KeyId id = index_.find(key);
  if (id == KeyTable<Span>::full) return std::nullopt;
  const Span span = index_[id];
  Stored row{span.first, 0, 0};
  if (order_ != Order::none) {
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(span.first);
    const auto after = std::upper_bound(first, first + span.count, at,
                                        [](Position a, const Stored& each) { return a < each.from; });
    if (after == first) return std::nullopt;
    row = *(after - 1);
    if (order_ != Order::as_of && at >= row.to) return std::nullopt;
  }
  const Ends ends(text_.data() + row.begin, names_.size());
  const char* const members = text_.data() + row.begin + names_.size() * sizeof(std::uint32_t);
  return Row{{members, names_.empty() ? 0 : ends[names_.size() - 1]}, ends, row.from};
}

}  // namespace weir::tables
