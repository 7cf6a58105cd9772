#include "win_delta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "decimal_difference.hpp"
#include "time/saturating.hpp"

namespace weir::win_delta {
namespace {

/// The path of a top-level member of that name.
std::string path_of(std::string_view name) {
  std::string path;
  for (const char c : name) {
    if (c == '.') path += '\\';
    path += c;
  }
  return path;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

}  // namespace

DeltaField parse_delta_field(std::string_view text) {
  const std::size_t as = text.rfind(" as ");
  const std::string_view path = trimmed(text.substr(0, as));
  if (path.empty()) throw std::invalid_argument("a field's name is empty");
  if (path.ends_with(" as")) throw std::invalid_argument(fmt::format("'{}' has no name behind 'as'", path));
  if (as == std::string_view::npos) return {std::string(path), FieldSet::plain_name(path) + "_delta"};
  const std::string_view name = trimmed(text.substr(as + 4));
  if (name.empty()) throw std::invalid_argument(fmt::format("'{}' has no name behind 'as'", trimmed(text)));
  return {std::string(path), std::string(name)};
}

WinDelta::WinDelta(const WinDeltaSettings& settings)
    : settings_(settings),
      time_(fields_.add(settings.time_field)),
      rev_(fields_.add("rev")),
      partial_(fields_.add("partial")),
      retracted_(fields_.add("retracted")),
      group_(settings.by, fields_),
      keys_(settings.max_keys),
      old_values_(settings.fields.size()),
      changed_(settings.fields.size()) {
  std::vector<std::string> taken{FieldSet::plain_name(settings.time_field), "window_start", "window_end", "rev",
                                 "partial"};
  taken.insert(taken.end(), group_.names().begin(), group_.names().end());
  for (const DeltaField& field : settings.fields) {
    if (std::find(taken.begin(), taken.end(), field.name) != taken.end())
      throw std::invalid_argument(fmt::format("two fields of a row would be named '{}'", field.name));
    taken.push_back(field.name);
    values_.push_back(fields_.add(field.path));
    deltas_.push_back(fields_.add(path_of(field.name)));
  }
}

Verdict WinDelta::read(const Record& record) {
  const Value& stamp = record[time_];
  if (stamp.kind != Kind::string && stamp.kind != Kind::number)
    return Verdict::reject(fmt::format("no usable time: {} is {}", settings_.time_field,
                                       stamp.present() ? "no text or number" : "missing"));
  const std::optional<Time> time = settings_.time.parse(stamp.text);
  if (!time) return Verdict::reject(fmt::format("no usable time: {} is not a time", settings_.time_field));
  row_time_ = *time;
  row_rev_ = 0;
  if (const Value& rev = record[rev_]; rev.present()) {
    const char* const end = rev.raw.data() + rev.raw.size();
    const auto [stop, error] = std::from_chars(rev.raw.data(), end, row_rev_);
    if (rev.kind != Kind::number || error != std::errc() || stop != end)
      return Verdict::reject("rev is not a whole number");
  }
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Value& value = record[values_[i]];
    if (value.present() && !value.number())
      return Verdict::reject(fmt::format("{} is not a number{}", settings_.fields[i].path,
                                         value.kind == Kind::number ? " that a double can hold" : ""));
  }
  return Verdict::ok();
}

Verdict WinDelta::on_record(const Record& record, Output& out) {
  if (Verdict verdict = read(record); verdict.rejected()) return verdict;
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  const KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<Series>::full)
    return Verdict::reject(fmt::format("a new key, and {} others are held (--max-keys)", settings_.max_keys));
  Series& series = keys_[id];
  series.before.resize(values_.size());
  std::vector<Row>& rows = series.rows;

  if (!rows.empty() && row_time_ < saturating_subtract(rows.back().time, settings_.allow_late)) {
    ++late_;
    if (settings_.late == LateRows::write_to_side) {
      out.sides.at(0) += record.line();
      out.sides[0] += '\n';
    }
    return Verdict::ok();
  }
  const auto place = rows.empty() || rows.back().time < row_time_
                         ? rows.end()
                         : std::lower_bound(rows.begin(), rows.end(), row_time_,
                                            [](const Row& row, Time time) { return row.time < time; });
  const auto at = static_cast<std::size_t>(place - rows.begin());
  const bool replaces = place != rows.end() && place->time == row_time_;
  if (replaces && row_rev_ <= place->came_as && !(place->partial && row_rev_ == place->came_as)) {
    ++not_newer_;
    return Verdict::ok();
  }
  for (const FieldId value : values_) absent_ += record[value].present() ? 0 : 1;
  if (at == rows.size()) {
    Row& row = add_newest(series);
    store(record, row);
    row.went_as = row_rev_;
    write(series, rows.size() - 1, out);
    return Verdict::ok();
  }
  for (std::size_t i = 0; i < values_.size(); ++i)
    old_values_[i] = replaces ? value_at(series, at, i) : value_before(series, at, i);
  std::uint64_t goes_as = row_rev_;
  if (replaces) {
    // Above what went out before, which may have been raised by a row before it.
    goes_as = std::max(row_rev_, rows[at].went_as + (row_rev_ > rows[at].came_as ? 1 : 0));
  } else {
    rows.emplace(rows.begin() + static_cast<std::ptrdiff_t>(at));
  }
  store(record, rows[at]);
  rows[at].went_as = goes_as;
  write(series, at, out);
  revise_behind(series, at, out);
  return Verdict::ok();
}

void WinDelta::store(const Record& record, Row& row) const {
  const std::string_view line = record.line();
  const auto place_of = [line](const Value& value) {
    return Place{static_cast<std::uint32_t>(value.raw.data() - line.data()),
                 static_cast<std::uint32_t>(value.raw.size())};
  };
  row.time = row_time_;
  row.line.assign(line);
  row.came_as = row_rev_;
  row.partial = record[partial_].is_true();
  row.rev = record[rev_].kind == Kind::missing ? Place{} : place_of(record[rev_]);
  row.values.assign(values_.size(), {});
  row.deltas.assign(deltas_.size(), {});
  const bool stands = !record[retracted_].is_true();  // a count of 0 in a retracted row is no value either
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (stands && record[values_[i]].present()) row.values[i] = place_of(record[values_[i]]);
    if (record[deltas_[i]].kind != Kind::missing) row.deltas[i] = place_of(record[deltas_[i]]);
  }
}

/// A place for the row at hand behind all others. Rows that none may replace any more leave their values only, and one
/// of them its memory.
WinDelta::Row& WinDelta::add_newest(Series& series) {
  std::vector<Row>& rows = series.rows;
  const Time oldest = saturating_subtract(row_time_, settings_.allow_late);
  std::size_t old = 0;
  for (; old < rows.size() && rows[old].time < oldest; ++old)
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (rows[old].values[i].length > 0) series.before[i] = text(rows[old], rows[old].values[i]);
  if (rows.empty()) rows.reserve(1);  // with most keys it stays one
  std::rotate(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(old), rows.end());
  rows.resize(rows.size() - old + 1);
  return rows.back();
}

/// The last value of a field before a row; empty when there is none.
std::string_view WinDelta::value_before(const Series& series, std::size_t row, std::size_t field) const {
  while (row-- > 0)
    if (const Row& each = series.rows[row]; each.values[field].length > 0) return text(each, each.values[field]);
  return series.before[field];
}

/// The last value of a field up to a row and with it.
std::string_view WinDelta::value_at(const Series& series, std::size_t row, std::size_t field) const {
  return value_before(series, row + 1, field);
}

/// Writes again the rows whose differences a new row at `row` has changed: for each field the next row that has it.
void WinDelta::revise_behind(Series& series, std::size_t row, Output& out) {
  std::size_t open = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    changed_[i] = value_at(series, row, i) != old_values_[i] ? 1 : 0;
    open += changed_[i] != 0 ? 1 : 0;
  }
  for (std::size_t next = row + 1; open > 0 && next < series.rows.size(); ++next) {
    bool differs = false;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (changed_[i] == 0 || series.rows[next].values[i].length == 0) continue;
      changed_[i] = 0;
      --open;
      differs = true;
    }
    if (!differs) continue;
    ++series.rows[next].went_as;
    write(series, next, out);
  }
}

void WinDelta::write(const Series& series, std::size_t index, Output& out) {
  const Row& row = series.rows[index];
  const auto existing = [&row](Place place) {
    Value value;
    if (place.length > 0) {
      value.kind = Kind::null;  // anything but missing: only where it stands counts
      value.raw = text(row, place);
    }
    return value;
  };
  splicer_.begin(row.line);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const std::string_view before = value_before(series, index, i);
    token_.clear();
    if (row.values[i].length > 0 && !before.empty())
      append_difference(token_, text(row, row.values[i]), before);
    else
      token_ = "null";
    splicer_.set(existing(row.deltas[i]), settings_.fields[i].name, token_);
  }
  if (row.went_as != row.came_as) splicer_.set(existing(row.rev), "rev", std::to_string(row.went_as));
  splicer_.write(out.lines);
}

std::string WinDelta::summary() const {
  std::string words;
  const auto say = [&words](std::string text) { words += (words.empty() ? "" : "; ") + std::move(text); };
  if (late_ > 0)
    say(counted(late_, "row") + " beyond --allow-late" +
        (settings_.late == LateRows::leave_out ? " left out (--late FILE keeps them)" : " written to --late"));
  if (not_newer_ > 0) say(counted(not_newer_, "row") + " left out, no newer than the one in their place (rev)");
  if (absent_ > 0) say(counted(absent_, "missing or null value") + " left out");
  return words;
}

}  // namespace weir::win_delta
