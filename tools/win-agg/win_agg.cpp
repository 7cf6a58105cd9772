#include "win_agg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/control.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"
#include "window/count_store.hpp"
#include "window/session_store.hpp"
#include "window/sliding_store.hpp"

namespace weir {
namespace {

/// So many bytes of rows are kept back at most when many windows close at once.
constexpr std::size_t much = 1 << 18;

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::vector<std::string> names_that_are_no_fields(const WinAggSettings& settings, const GroupKey& group) {
  std::vector<std::string> names = group.names();
  names.push_back(settings.time_field);
  return names;
}

std::unique_ptr<PaneStore> panes_of(const WinAggSettings& settings, CellLayout layout) {
  if (settings.size || settings.gap || settings.count) return nullptr;
  return std::make_unique<PaneStore>(std::move(layout), settings.max_keys, settings.allow_late);
}

std::unique_ptr<KeyedWindowStore> keyed_of(const WinAggSettings& settings, CellLayout layout) {
  if (settings.gap)
    return std::make_unique<SessionStore>(std::move(layout), *settings.gap, settings.max_keys, settings.allow_late);
  if (settings.count) return std::make_unique<CountStore>(std::move(layout), *settings.count, settings.max_keys);
  if (!settings.size) return nullptr;
  return std::make_unique<SlidingStore>(std::move(layout), *settings.size, settings.every, settings.origin,
                                        settings.max_keys, settings.allow_late,
                                        settings.early ? EarlyRows::wanted : EarlyRows::none);
}

/// Sessions whose rows are given before it is certain what belongs to them.
bool can_retract(const WinAggSettings& settings) {
  return settings.gap && (settings.early || settings.allow_late > Duration::zero());
}

}  // namespace

WinAgg::WinAgg(const WinAggSettings& settings)
    : settings_(settings),
      time_(fields_.add(settings.time_field)),
      group_(settings.by, fields_),
      time_keys_(settings.by, settings.zone),
      windows_(windows_of(settings)),
      shift_(settings.closed == ClosedEnd::right ? 1 : 0),
      watermark_(settings.lateness),
      sampler_(settings.aggregates, names_that_are_no_fields(settings, group_), settings.max_fields, fields_),
      panes_(panes_of(settings, CellLayout(sampler_.columns()))),
      keyed_(keyed_of(settings, CellLayout(sampler_.columns()))),
      store_(panes_ ? static_cast<WindowStore&>(*panes_) : *keyed_),
      late_by_(late_fields_.add("late_by")),
      late_parser_(std::make_unique<RecordParser>(late_fields_)) {
  sampler_.bind(store_.layout());
  if (settings.early) next_early_ = Time::min();
  std::vector<std::string> names{"window_start", "window_end"};
  const auto claim = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw std::invalid_argument(fmt::format("two fields of a row would be named '{}'", name));
    names.push_back(name);
  };
  for (const std::string& name : group_.names()) claim(name);
  for (const Aggregate& column : sampler_.columns()) claim(column.name);
  claim("partial");
  if (settings.allow_late > Duration::zero()) claim("rev");
  if (can_retract(settings)) claim("retracted");
  if (!settings.having.empty()) having_.emplace(settings.having, sampler_.columns());
}

WinAgg::Windows WinAgg::windows_of(const WinAggSettings& settings) {
  if (settings.calendar) return CalendarWindows(*settings.calendar, settings.zone);
  return TumblingWindows(settings.every, settings.origin);
}

// read() and take_tumbling() are parts of on_record(), written apart for the reader.
[[gnu::always_inline]] inline Verdict WinAgg::read(const Record& record, Time& time, std::string_view& key) {
  const Value& stamp = record[time_];
  if (stamp.kind != Kind::string && stamp.kind != Kind::number)
    return Verdict::reject(fmt::format("no usable time: {} is {}", settings_.time_field,
                                       stamp.present() ? "no text or number" : "missing"));
  if (!settings_.time.parse(stamp.text, time))
    return Verdict::reject(fmt::format("no usable time: {} is not a time", settings_.time_field));
  time = saturating_subtract(time, shift_);
  if (settings_.max_future && is_too_far_ahead(time))
    return Verdict::reject(fmt::format("its time is {} ahead of the watermark (--max-future)",
                                       format_duration(saturating_distance(watermark_.now(), time))));
  if (!time_keys_.empty()) time_keys_.give(time, group_);
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  return sampler_.read(record);
}

[[gnu::always_inline]] inline Verdict WinAgg::take_tumbling(const Record& record, Time time, std::string_view key,
                                                            Output& out) {
  if (!window_.contains(time)) window_ = window_of(time);
  std::byte* cell = nullptr;
  if (window_.end <= watermark_.now()) {
    if (!panes_->keeps(window_, watermark_.now())) {
      take_late(record, time, out);
      return Verdict::ok();
    }
    cell = panes_->cell_again(window_, key);
    if (cell == nullptr) return no_room();
    count_taken_late(record, time, out);
  } else {
    cell = panes_->cell(window_, key);
    if (cell == nullptr) return no_room();
  }
  if (sampler_.finds()) {
    sampler_.sample(*panes_);  // not before: a record that is rejected must leave no columns behind
    cell = panes_->cell(window_, key);
  }
  sampler_.accept();
  ++in_windows_;
  panes_->layout().add(cell, time, sampler_.samples());
  return Verdict::ok();
}

Verdict WinAgg::on_record(const Record& record, Output& out) {
  Time time;
  std::string_view key;
  if (Verdict verdict = read(record, time, key); verdict.rejected()) return verdict;
  if (Verdict verdict = panes_ ? take_tumbling(record, time, key, out) : take_keyed(record, time, key, out);
      verdict.rejected())
    return verdict;
  if (watermark_.observe(time) && (store_.next_end() <= watermark_.now() || next_early_ <= watermark_.now()))
    close(out);
  return Verdict::ok();
}

Verdict WinAgg::take_keyed(const Record& record, Time time, std::string_view key, Output& out) {
  if (keyed_->is_late(time, key, watermark_.now())) {
    take_late(record, time, out);
    return Verdict::ok();
  }
  const bool taken_late = settings_.allow_late > Duration::zero() && keyed_->is_taken_late(time, key, watermark_.now());
  auto cells = keyed_->cells(time, key, watermark_.now());
  if (cells.empty()) return no_room();
  if (taken_late) count_taken_late(record, time, out);
  if (sampler_.finds()) {
    sampler_.sample(*keyed_);
    cells = keyed_->cells(time, key, watermark_.now());
  }
  sampler_.accept();
  ++in_windows_;
  for (std::byte* cell : cells) keyed_->layout().add(cell, time, sampler_.samples());
  if (keyed_->added(time, key)) close(out);
  return Verdict::ok();
}

Verdict WinAgg::no_room() const {
  return Verdict::reject(fmt::format("a new key, and {} others have open windows (--max-keys)", settings_.max_keys));
}

void WinAgg::take_late(const Record& record, Time time, Output& out) {
  ++late_;
  if (settings_.late == LateRecords::write_to_side) write_late(record, time, out.sides.at(0));
}

void WinAgg::count_taken_late(const Record& record, Time time, Output& out) {
  ++taken_late_;
  if (settings_.late_copies == LateRecords::write_to_side) write_late(record, time, out.sides.at(1));
}

/// Before anything was seen there is nothing to be ahead of.
bool WinAgg::is_too_far_ahead(Time time) const {
  return watermark_.now() != Time::min() && time > saturating_add(watermark_.now(), *settings_.max_future);
}

void WinAgg::write_late(const Record& record, Time time, std::string& side) {
  std::string token;
  append_json_string(token, format_duration(saturating_distance(time, watermark_.now())));
  // Whether the record has a late_by of its own (a second pass over late records) is worth a second look at this one
  // only.
  const Record* again = late_parser_->parse_copy(record.line(), record.line_number());
  splicer_.begin(again == nullptr ? record : *again);
  splicer_.set(again == nullptr ? Value{} : (*again)[late_by_], "late_by", token);
  splicer_.write(side);
}

void WinAgg::on_watermark(Time time, Output& out) {
  if (watermark_.advance(saturating_subtract(time, shift_))) close(out);
  owed_ = promise(time) < time ? std::optional(time) : std::nullopt;
}

/// Rows that are still to come belong to windows that end after the watermark; none of them starts before the window
/// that it is in. So the promise holds for whichever of window_start and window_end is taken as a row's time.
/// Revisions are late by nature: they come behind the promise, as late records do.
Time WinAgg::promise(Time time) const {
  const Time now = watermark_.now();
  return std::min(time, panes_ ? window_of(now).start : keyed_->earliest_start(now));
}

void WinAgg::on_end(Output& out) {
  store_.close_until(watermark_.now(), row_writer(out, Rows::whole));
  if (settings_.partial == PartialRows::write) store_.close_all(row_writer(out, Rows::partial));
}

void WinAgg::close(Output& out) {
  store_.close_until(watermark_.now(), row_writer(out, Rows::whole));
  if (settings_.early && next_early_ <= watermark_.now()) {
    if (next_early_ != Time::min())
      store_.show_open(row_writer(out, Rows::partial));  // before, there was no watermark
    next_early_ = TumblingWindows(*settings_.early, settings_.origin).window_of(watermark_.now()).end;
  }
  if (owed_ && promise(*owed_) == *owed_) {
    append_watermark(out.lines, *owed_);
    owed_.reset();
  }
}

WindowStore::OnRow WinAgg::row_writer(Output& out, Rows rows) {
  if (rows == Rows::partial && settings_.partial == PartialRows::leave_out) return [](const WindowRow&) {};
  const bool revised = settings_.allow_late > Duration::zero();
  const bool retracts = can_retract(settings_);
  return [this, &out, rows, revised, retracts](const WindowRow& row) {
    // Of a window that is open nothing is known of the time behind its last value.
    const Time until = rows == Rows::whole ? saturating_subtract(row.window.end, shift_) : Time::min();
    // Where a row was given before, the one that replaces it has to be, whatever is in it.
    const bool is_first = row.revision == 0 && row.standing == Standing::holds;
    if (having_ && is_first && !having_->holds(store_.layout(), row.cell, until)) return;
    if (row_opening_.empty() || !(row.window == row_window_)) {
      row_window_ = row.window;
      row_opening_.clear();
      ObjectWriter(row_opening_).time("window_start", row.window.start).time("window_end", row.window.end);
    }
    out.lines += row_opening_;
    group_.append_members(out.lines, row.key);
    store_.layout().append_columns(out.lines, row.cell, until);
    const bool partial =
        row.standing == Standing::holds ? rows == Rows::partial : row.standing == Standing::retracted_early;
    out.lines += partial ? ",\"partial\":true" : ",\"partial\":false";
    if (revised) {
      out.lines += ",\"rev\":";
      append_number(out.lines, std::uint64_t{row.revision});
    }
    if (retracts) out.lines += row.standing == Standing::holds ? ",\"retracted\":false" : ",\"retracted\":true";
    out.lines += "}\n";
    if (out.lines.size() >= much && out.drain) out.drain();
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
  if (taken_late_ > 0) say(counted(taken_late_, "late record") + " taken into closed windows (--allow-late)");
  if (late_ > 0)
    say(counted(late_, "late record") +
        (settings_.late == LateRecords::leave_out ? " left out (--late FILE keeps them)" : " written to --late"));
  if (having_ && having_->failed() > 0)
    say(counted(having_->failed(), "row") + " left out that --having cannot judge: " + having_->first_failure());
  if (sampler_.absent() > 0) say(counted(sampler_.absent(), "missing or null value") + " left out");
  if (sampler_.no_number() > 0)
    say(counted(sampler_.no_number(), "value") + " of numeric fields left out that are no numbers");
  if (sampler_.beyond_limit() > 0)
    say(counted(sampler_.beyond_limit(), "value") +
        fmt::format(" of fields beyond the first {} left out (--max-fields)", settings_.max_fields));
  return words;
}

}  // namespace weir
