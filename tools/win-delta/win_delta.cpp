#include "win_delta.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/counted.hpp"
#include "record/decimal.hpp"
#include "record/field_as.hpp"
#include "record/member_path.hpp"
#include "record/number.hpp"
#include "record/value_checks.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"

namespace weir::win_delta {
namespace {

int compare_values(std::string_view a, std::string_view b) {
  const double x = parse_json_number(a).value_or(0);
  const double y = parse_json_number(b).value_or(0);
  return x == y ? compare_digits(a, b) : (x < y ? -1 : 1);
}

}  // namespace

FieldAs parse_delta_field(std::string_view text) {
  FieldAs field = read_field_as(text);
  if (field.name.empty()) field.name = FieldSet::plain_name(field.path) + "_delta";
  return field;
}

WinDelta::WinDelta(const Settings& settings)
    : LateFilter(settings.time, settings.late),
      settings_(settings),
      rev_(fields_.add("rev")),
      partial_(fields_.add("partial")),
      retracted_(fields_.add("retracted")),
      group_(settings.by, fields_),
      keys_(settings.max_keys),
      left_out_(settings.strict),
      old_values_(settings.fields.size()),
      changed_(settings.fields.size()) {
  std::vector<std::string> taken{"window_start", "window_end", "rev", "partial",
                                 FieldSet::plain_name(settings.time.names().front())};
  taken.insert(taken.end(), group_.names().begin(), group_.names().end());
  for (const std::string& text : settings.fields) {
    FieldAs field = parse_delta_field(text);
    if (std::find(taken.begin(), taken.end(), field.name) != taken.end())
      throw std::invalid_argument(fmt::format("two fields of a row would be named '{}'", field.name));
    taken.push_back(field.name);
    values_.push_back(fields_.add(field.path));
    deltas_.push_back(fields_.add(member_path(field.name)));
    named_.push_back(std::move(field));
  }
}

Verdict WinDelta::read(const Record& record) {
  if (Verdict verdict = time_.read(record, row_time_); verdict.rejected()) return verdict;
  if (Verdict verdict = read_rev(record[rev_], row_rev_); verdict.rejected()) return verdict;
  left_out_.begin();
  bool useful = false;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Value& value = record[values_[i]];
    if (!value.present())
      left_out_.note_absent(named_[i].path, value);
    else if (value.number())
      useful = true;
    else
      left_out_.note_wrong(named_[i].path, value);
  }
  return left_out_.judge(useful);
}

Verdict WinDelta::on_record(const Record& record, Output& out) {
  if (Verdict verdict = read(record); verdict.rejected()) return verdict;
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  const KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<Series>::full) return GroupKey::refuse_new(settings_.max_keys);
  Series& series = keys_[id];
  series.before.resize(values_.size());
  std::vector<Row>& rows = series.rows;

  if (!rows.empty() && row_time_ < saturating_subtract(rows.back().time, settings_.allow_late)) {
    set_aside(record, out, [&] { return late_text(rows.back().time); });
    return Verdict::ok();
  }
  const auto place = rows.empty() || rows.back().time < row_time_
                         ? rows.end()
                         : std::lower_bound(rows.begin(), rows.end(), row_time_,
                                            [](const Row& row, Time time) { return row.time < time; });
  const auto at = static_cast<std::size_t>(place - rows.begin());
  const bool replaces = place != rows.end() && place->time == row_time_;
  if (replaces && row_rev_ <= place->rev_in && !(place->partial && row_rev_ == place->rev_in))
    return leave_out(record, *place, out);
  left_out_.accept(out);
  if (at == rows.size()) {
    Row& row = add_newest(series);
    store(record, row);
    row.rev_out = row_rev_;
    write(series, rows.size() - 1, out);
    return Verdict::ok();
  }
  for (std::size_t i = 0; i < values_.size(); ++i)
    old_values_[i] = replaces ? value_at(series, at, i) : value_before(series, at, i);
  std::uint64_t rev_out = row_rev_;
  if (replaces) {
    // Above the rev written before, which an earlier row may have raised.
    rev_out = std::max(row_rev_, rows[at].rev_out + (row_rev_ > rows[at].rev_in ? 1 : 0));
  } else {
    rows.emplace(rows.begin() + static_cast<std::ptrdiff_t>(at));
  }
  store(record, rows[at]);
  rows[at].rev_out = rev_out;
  write(series, at, out);
  revise_after(series, at, out);
  return Verdict::ok();
}

std::string WinDelta::late_text(Time newest) const {
  return fmt::format("late: {} before the newest row of its key, more than --allow-late {}",
                     format_duration(saturating_distance(row_time_, newest)), format_duration(settings_.allow_late));
}

/// Leaves out a row that does not replace the one of its key and time: the same again, or an older one. Another row of
/// the same rev is a reject: there is no time between the two.
Verdict WinDelta::leave_out(const Record& record, const Row& held, Output& out) {
  if (record.line() == held.line) {
    if (++repeats_ == 1) out.messages.push_back({"the same row as one before: left out"});
    return Verdict::ok();
  }
  if (row_rev_ == held.rev_in && !record[partial_].is_true())
    return Verdict::reject(
        "a second row for this key and time, without a higher rev: name what tells them apart in --by, or aggregate "
        "with win-agg first");
  if (++not_newer_ == 1) out.messages.push_back({"no newer than the row in its place (rev): left out"});
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
  row.rev_in = row_rev_;
  row.partial = record[partial_].is_true();
  row.rev = record[rev_].kind == Kind::missing ? Place{} : place_of(record[rev_]);
  row.values.assign(values_.size(), {});
  row.deltas.assign(deltas_.size(), {});
  const bool stands = !record[retracted_].is_true();  // a retracted row has no values, not even a count of 0
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (stands && record[values_[i]].number()) row.values[i] = place_of(record[values_[i]]);
    if (record[deltas_[i]].kind != Kind::missing) row.deltas[i] = place_of(record[deltas_[i]]);
  }
}

/// Adds a row after all others. Of rows too old to be replaced only the values stay; their memory is used again.
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

/// The last value of a field before a row, or an empty text.
std::string_view WinDelta::value_before(const Series& series, std::size_t row, std::size_t field) const {
  while (row-- > 0)
    if (const Row& each = series.rows[row]; each.values[field].length > 0) return text(each, each.values[field]);
  return series.before[field];
}

/// The last value of a field up to and including a row.
std::string_view WinDelta::value_at(const Series& series, std::size_t row, std::size_t field) const {
  return value_before(series, row + 1, field);
}

/// Writes again the rows whose differences the new row at `row` changed: for each field the next row that has it.
void WinDelta::revise_after(Series& series, std::size_t row, Output& out) {
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
    ++series.rows[next].rev_out;
    write(series, next, out);
  }
}

/// Appends the difference to token_; of a counter that started again that from zero.
void WinDelta::append_delta(std::string_view now, std::string_view before) {
  const bool from_zero = settings_.falling == Falling::reset && compare_values(now, before) < 0;
  append_difference(token_, now, from_zero ? "0" : before);
}

void WinDelta::write(const Series& series, std::size_t index, Output& out) {
  const Row& row = series.rows[index];
  const auto existing = [&row](Place place) {
    Value value;
    if (place.length > 0) {
      value.kind = Kind::null;  // any kind but missing: only its position counts
      value.raw = text(row, place);
    }
    return value;
  };
  splicer_.begin(row.line);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const std::string_view before = value_before(series, index, i);
    token_.clear();
    if (row.values[i].length > 0 && !before.empty())
      append_delta(text(row, row.values[i]), before);
    else
      token_ = "null";
    splicer_.set(existing(row.deltas[i]), named_[i].name, token_);
  }
  if (row.rev_out != row.rev_in) splicer_.set(existing(row.rev), "rev", std::to_string(row.rev_out));
  splicer_.write(out.lines);
}

void WinDelta::state(StateArchive& archive) { archive.values(keys_, late_, repeats_, not_newer_, left_out_); }

CountReport WinDelta::counts() const {
  CountReport report;
  add_late(report, "row", "beyond --allow-late ")
      .add(repeats_, "row", "left out that came again")
      .add(not_newer_, "row", "left out, no newer than the one in their place (rev)");
  left_out_.add_to(report);
  return report;
}

std::vector<NamedField> WinDelta::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.by);
  for (const FieldAs& field : named_) named.push_back({field.path, "--field"});
  return named;
}

}  // namespace weir::win_delta
