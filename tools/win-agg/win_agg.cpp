#include "win_agg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "record/control.hpp"
#include "record/json_text.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"

namespace weir {
namespace {

constexpr std::array<Function, 5> functions_of_found{Function::count, Function::min, Function::max, Function::avg,
                                                     Function::last};

std::vector<Aggregate> first_columns(const WinAggSettings& settings) {
  if (!settings.aggregates.empty()) return settings.aggregates;
  return {{Function::count, "", default_name(Function::count, "")}};
}

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

}  // namespace

WinAgg::WinAgg(const WinAggSettings& settings)
    : settings_(settings),
      time_(fields_.add(settings.time_field)),
      group_(settings.by, fields_),
      windows_(windows_of(settings)),
      shift_(settings.closed == ClosedEnd::right ? 1 : 0),
      watermark_(settings.lateness),
      panes_(CellLayout(first_columns(settings)), settings.max_keys),
      discovering_(settings.aggregates.empty()),
      late_by_(late_fields_.add("late_by")),
      late_parser_(std::make_unique<RecordParser>(late_fields_)) {
  for (const CellLayout::Field& field : panes_.layout().fields()) named_.push_back(fields_.add(field.path));
  samples_.resize(named_.size());
  not_fields_ = group_.names();
  not_fields_.push_back(settings.time_field);
  if (discovering_) fields_.read_members();
  std::vector<std::string> names{"window_start", "window_end"};
  const auto claim = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw std::invalid_argument(fmt::format("two fields of a row would be named '{}'", name));
    names.push_back(name);
  };
  for (const std::string& name : group_.names()) claim(name);
  for (const Aggregate& column : first_columns(settings)) claim(column.name);
  claim("partial");
}

WinAgg::Windows WinAgg::windows_of(const WinAggSettings& settings) {
  if (settings.calendar) return CalendarWindows(*settings.calendar, settings.zone);
  return TumblingWindows(settings.every, settings.origin);
}

Verdict WinAgg::on_record(const Record& record, Output& out) {
  const Value& stamp = record[time_];
  if (stamp.kind != Kind::string && stamp.kind != Kind::number)
    return Verdict::reject(fmt::format("no usable time: {} is {}", settings_.time_field,
                                       stamp.present() ? "no text or number" : "missing"));
  const std::optional<Time> stamped = settings_.time.parse(stamp.text);
  if (!stamped) return Verdict::reject(fmt::format("no usable time: {} is not a time", settings_.time_field));
  const Time time = saturating_subtract(*stamped, shift_);
  if (settings_.max_future && is_too_far_ahead(time))
    return Verdict::reject(fmt::format("its time is {} ahead of the watermark (--max-future)",
                                       format_duration(saturating_distance(watermark_.now(), time))));
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  absent_now_ = 0;
  if (Verdict verdict = discovering_ ? read_members(record) : read_named(record); verdict.rejected()) return verdict;

  if (!window_.contains(time)) window_ = window_of(time);
  if (window_.end <= watermark_.now()) {
    ++late_;
    if (settings_.late == LateRecords::write_to_side) write_late(record, time, out);
    return Verdict::ok();
  }
  std::byte* cell = panes_.cell(window_, key);
  if (cell == nullptr)
    return Verdict::reject(fmt::format("a new key, and {} others have open windows (--max-keys)", settings_.max_keys));
  if (discovering_) {
    sample_members();  // not before: a record that is rejected must leave no columns behind
    cell = panes_.cell(window_, key);
  }
  absent_ += absent_now_;
  ++in_windows_;
  panes_.layout().add(cell, time, samples_);
  if (watermark_.observe(time) && panes_.next_end() <= watermark_.now()) close(out);
  return Verdict::ok();
}

/// Before anything was seen there is nothing to be ahead of.
bool WinAgg::is_too_far_ahead(Time time) const {
  return watermark_.now() != Time::min() && time > saturating_add(watermark_.now(), *settings_.max_future);
}

Verdict WinAgg::read_named(const Record& record) {
  const auto& fields = panes_.layout().fields();
  for (std::size_t i = 0; i < named_.size(); ++i) {
    const Value& value = record[named_[i]];
    Sample& sample = samples_[i];
    if (!value.present()) {
      sample.value = nullptr;
      ++absent_now_;
      continue;
    }
    sample.value = &value;
    if (!fields[i].numeric) continue;
    const std::optional<double> number = value.number();
    if (!number)
      return Verdict::reject(fmt::format("{} is not a number{}", fields[i].path,
                                         value.kind == Kind::number ? " that a double can hold" : ""));
    sample.number = *number;
  }
  return Verdict::ok();
}

Verdict WinAgg::read_members(const Record& record) {
  found_.clear();
  for (const Member& member : record.members()) {
    if (std::find(not_fields_.begin(), not_fields_.end(), member.key) != not_fields_.end()) continue;
    const std::optional<double> number = member.value.number();
    if (!number && member.value.kind == Kind::number)
      return Verdict::reject(fmt::format("{} is not a number that a double can hold", member.key));
    found_.push_back({&member, number});
  }
  return Verdict::ok();
}

void WinAgg::sample_members() {
  std::fill(samples_.begin(), samples_.end(), Sample{});
  hint_ = 0;
  for (const Found& found : found_) {
    std::optional<std::size_t> field = field_of(found.member->key);
    if (!field) {
      if (!found.number) continue;  // not a number so far: not a field to aggregate
      if (samples_.size() >= settings_.max_fields) {
        ++beyond_limit_;
        continue;
      }
      field = discover(found.member->key);
    }
    // A name that stands twice in a record: the last counts.
    samples_[*field] = found.number ? Sample{&found.member->value, *found.number} : Sample{};
    if (!found.number && found.member->value.present()) ++no_number_;
  }
  for (const Sample& sample : samples_)
    if (sample.value == nullptr) ++absent_now_;
}

std::optional<std::size_t> WinAgg::field_of(std::string_view name) {
  const auto& fields = panes_.layout().fields();
  for (std::size_t tried = 0; tried < fields.size(); ++tried) {
    const std::size_t i = hint_ + tried < fields.size() ? hint_ + tried : hint_ + tried - fields.size();
    if (fields[i].path == name) {
      hint_ = i + 1 < fields.size() ? i + 1 : 0;
      return i;
    }
  }
  return std::nullopt;
}

std::size_t WinAgg::discover(std::string_view name) {
  std::vector<Aggregate> columns;
  for (const Function function : functions_of_found) {
    Aggregate column{function, std::string(name), fmt::format("{}_{}", name, name_of(function))};
    while (std::find(not_fields_.begin(), not_fields_.end(), column.name) != not_fields_.end()) column.name += '_';
    columns.push_back(std::move(column));
  }
  panes_.add_columns(columns);
  samples_.emplace_back();
  return samples_.size() - 1;
}

void WinAgg::write_late(const Record& record, Time time, Output& out) {
  std::string token;
  append_json_string(token, format_duration(saturating_distance(time, watermark_.now())));
  // Whether the record has a late_by of its own (a second pass over late records) is worth a second look at this one
  // only.
  const Record* again = late_parser_->parse_copy(record.line(), record.line_number());
  splicer_.begin(again == nullptr ? record : *again);
  splicer_.set(again == nullptr ? Value{} : (*again)[late_by_], "late_by", token);
  splicer_.write(out.sides.at(0));
}

void WinAgg::on_watermark(Time time, Output& out) {
  if (watermark_.advance(saturating_subtract(time, shift_))) close(out);
  owed_ = promise(time) < time ? std::optional(time) : std::nullopt;
}

/// Rows that are still to come belong to windows that end after the watermark; none of them starts before the window
/// that it is in. So the promise holds for whichever of window_start and window_end is taken as a row's time.
Time WinAgg::promise(Time time) const { return std::min(time, window_of(watermark_.now()).start); }

void WinAgg::on_end(Output& out) { panes_.close_all(row_writer(out, Rows::partial)); }

void WinAgg::close(Output& out) {
  panes_.close_until(watermark_.now(), row_writer(out, Rows::whole));
  if (owed_ && promise(*owed_) == *owed_) {
    append_watermark(out.lines, *owed_);
    owed_.reset();
  }
}

PaneStore::OnRow WinAgg::row_writer(Output& out, Rows rows) {
  if (rows == Rows::partial && settings_.partial == PartialRows::leave_out)
    return [](const Window&, std::string_view, const std::byte*) {};
  const std::string_view ending = rows == Rows::partial ? ",\"partial\":true}\n" : ",\"partial\":false}\n";
  return [this, &out, ending](const Window& window, std::string_view key, const std::byte* cell) {
    if (row_opening_.empty() || !(window == row_window_)) {
      row_window_ = window;
      row_opening_.clear();
      ObjectWriter(row_opening_).time("window_start", window.start).time("window_end", window.end);
    }
    out.lines += row_opening_;
    group_.append_members(out.lines, key);
    panes_.layout().append_columns(out.lines, cell);
    out.lines += ending;
  };
}

std::string WinAgg::statistics(std::uint64_t records, std::uint64_t rejected) const {
  if (settings_.statistics == Statistics::keep_quiet) return {};
  return fmt::format("{} in = {} in windows + {} late + {} rejected", counted(records, "record"), in_windows_, late_,
                     rejected);
}

std::string WinAgg::summary() const {
  std::string words;
  const auto say = [&words](std::string text) { words += (words.empty() ? "" : "; ") + std::move(text); };
  if (late_ > 0)
    say(counted(late_, "late record") +
        (settings_.late == LateRecords::leave_out ? " left out (--late FILE keeps them)" : " written to --late"));
  if (absent_ > 0) say(counted(absent_, "missing or null value") + " left out");
  if (no_number_ > 0) say(counted(no_number_, "value") + " of numeric fields left out that are no numbers");
  if (beyond_limit_ > 0)
    say(counted(beyond_limit_, "value") +
        fmt::format(" of fields beyond the first {} left out (--max-fields)", settings_.max_fields));
  return words;
}

}  // namespace weir
