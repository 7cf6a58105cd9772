#include "win_agg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/control.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"

namespace weir::win_agg {
namespace {

/// So many bytes of rows are kept back at most when many windows close at once.
constexpr std::size_t much = 1 << 18;

constexpr std::size_t fewest_keys_to_sweep = 1024;

std::string counted(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::vector<std::string> names_that_are_no_fields(const WinAggSettings& settings, const GroupKey& group) {
  std::vector<std::string> names = group.names();
  names.push_back(settings.time_field);
  return names;
}

}  // namespace

WinAgg::WinAgg(const WinAggSettings& settings)
    : settings_(settings),
      time_(fields_.add(settings.time_field)),
      group_(settings.by, fields_),
      time_keys_(settings.by, settings.zone),
      windows_(windows_of(settings)),
      shift_(shift_of(settings)),
      sampler_(settings.aggregates, names_that_are_no_fields(settings, group_), settings.max_fields, fields_),
      stream_(settings, CellLayout(sampler_.columns()), settings.max_keys),
      key_clocks_(settings.max_keys),
      sweep_at_(fewest_keys_to_sweep),
      writer_(settings, group_),
      late_by_(late_fields_.add("late_by")),
      late_parser_(std::make_unique<RecordParser>(late_fields_)) {
  sampler_.bind(stream_.store.layout());
  if (settings.top)
    top_.emplace(settings, group_, stream_.store.layout(),
                 sampler_.finds() ? TopRows::Columns::may_come : TopRows::Columns::all_known);
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
  if (!time_keys_.empty()) time_keys_.give(time, group_);
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  return sampler_.read(record);
}

[[gnu::always_inline]] inline Verdict WinAgg::take_tumbling(Clock& clock, const Record& record, Time time,
                                                            std::string_view key, Output& out) {
  PaneStore& panes = *clock.panes;
  if (!window_.contains(time)) window_ = window_of(time);
  const Time now = clock.watermark.now();
  std::byte* cell = nullptr;
  if (window_.end <= now) {
    if (!panes.keeps(window_, now)) {
      take_late(clock, record, time, out);
      return Verdict::ok();
    }
    cell = panes.cell_again(window_, key);
    if (cell == nullptr) return no_room();
    count_taken_late(clock, record, time, out);
  } else {
    cell = panes.cell(window_, key);
    if (cell == nullptr) return no_room();
  }
  if (sampler_.finds()) {
    take_sample(clock);
    cell = panes.cell(window_, key);
  }
  sampler_.accept();
  ++in_windows_;
  panes.layout().add(cell, time, sampler_.samples());
  return Verdict::ok();
}

Verdict WinAgg::on_record(const Record& record, Output& out) {
  Time time;
  std::string_view key;
  if (Verdict verdict = read(record, time, key); verdict.rejected()) return verdict;
  Clock* const clock = settings_.watermark == WatermarkOf::stream ? &stream_ : clock_of(key);
  if (clock == nullptr) return no_room();
  if (settings_.max_future)
    if (Verdict verdict = too_far_ahead(*clock, time); verdict.rejected()) return verdict;
  if (Verdict verdict =
          clock->panes ? take_tumbling(*clock, record, time, key, out) : take_keyed(*clock, record, time, key, out);
      verdict.rejected())
    return verdict;
  if (clock->watermark.observe(time)) {
    const Time now = clock->watermark.now();
    if (clock->store.next_end() <= now || clock->next_early <= now) close(*clock, out);
  }
  return Verdict::ok();
}

Verdict WinAgg::take_keyed(Clock& clock, const Record& record, Time time, std::string_view key, Output& out) {
  KeyedWindowStore& keyed = *clock.keyed;
  const Time now = clock.watermark.now();
  if (keyed.is_late(time, key, now)) {
    take_late(clock, record, time, out);
    return Verdict::ok();
  }
  const bool taken_late = settings_.allow_late > Duration::zero() && keyed.is_taken_late(time, key, now);
  auto cells = keyed.cells(time, key, now);
  if (cells.empty()) return no_room();
  if (taken_late) count_taken_late(clock, record, time, out);
  if (sampler_.finds()) {
    take_sample(clock);
    cells = keyed.cells(time, key, now);
  }
  sampler_.accept();
  ++in_windows_;
  for (std::byte* cell : cells) keyed.layout().add(cell, time, sampler_.samples());
  if (keyed.added(time, key)) close(clock, out);
  return Verdict::ok();
}

/// Not before the record has its place: one that is rejected must leave no columns behind.
void WinAgg::take_sample(Clock& clock) {
  sampler_.sample(clock.store);
  clock.columns_found = sampler_.found_columns().size();
}

/// The key's own; nullptr when there is no room for one more. A key that has no windows can be forgotten once
/// upstream's watermark is ahead of its own: it would begin with that one again.
Clock* WinAgg::clock_of(std::string_view key) {
  const Time upstream = stream_.watermark.now();
  const auto sweep = [&] {
    key_clocks_.erase_if(
        [&](const std::unique_ptr<Clock>& each) { return each->is_idle() && each->watermark.now() <= upstream; });
    sweep_at_ = std::max(fewest_keys_to_sweep, key_clocks_.size() * 2);
  };
  if (key_clocks_.size() >= sweep_at_) sweep();
  KeyId id = key_clocks_.find_or_add(key);
  if (id == KeyTable<std::unique_ptr<Clock>>::full) {
    sweep();
    id = key_clocks_.find_or_add(key);
    if (id == KeyTable<std::unique_ptr<Clock>>::full) return nullptr;
  }
  std::unique_ptr<Clock>& clock = key_clocks_[id];
  if (clock == nullptr) {
    clock = std::make_unique<Clock>(settings_, CellLayout(sampler_.columns()), 1);
    clock->watermark.advance(upstream);
  }
  clock->catch_up(sampler_.found_columns());
  return clock.get();
}

Verdict WinAgg::no_room() const {
  return Verdict::reject(fmt::format("a new key, and {} others {} (--max-keys)", settings_.max_keys,
                                     settings_.watermark == WatermarkOf::key ? "are held" : "have open windows"));
}

void WinAgg::take_late(const Clock& clock, const Record& record, Time time, Output& out) {
  ++late_;
  if (settings_.late == LateRecords::write_to_side) write_late(clock, record, time, out.sides.at(0));
}

void WinAgg::count_taken_late(const Clock& clock, const Record& record, Time time, Output& out) {
  ++taken_late_;
  if (settings_.late_copies == LateRecords::write_to_side) write_late(clock, record, time, out.sides.at(1));
}

/// Before anything was seen there is nothing to be ahead of.
Verdict WinAgg::too_far_ahead(const Clock& clock, Time time) const {
  const Time now = clock.watermark.now();
  if (now == Time::min() || time <= saturating_add(now, *settings_.max_future)) return Verdict::ok();
  return Verdict::reject(fmt::format("its time is {} ahead of the watermark (--max-future)",
                                     format_duration(saturating_distance(now, time))));
}

void WinAgg::write_late(const Clock& clock, const Record& record, Time time, std::string& side) {
  std::string token;
  append_json_string(token, format_duration(saturating_distance(time, clock.watermark.now())));
  // Whether the record has a late_by of its own (a second pass over late records) is worth a second look at this one
  // only.
  const Record* again = late_parser_->parse_copy(record.line(), record.line_number());
  splicer_.begin(again == nullptr ? record : *again);
  splicer_.set(again == nullptr ? Value{} : (*again)[late_by_], "late_by", token);
  splicer_.write(side);
}

void WinAgg::on_watermark(Time time, Output& out) {
  if (stream_.watermark.advance(saturating_subtract(time, shift_))) {
    if (settings_.watermark == WatermarkOf::stream) {
      close(stream_, out);
    } else {
      close_keys(out);
    }
  }
  owed_ = promise(time) < time ? std::optional(time) : std::nullopt;
}

/// Rows that are still to come belong to windows that end after the watermark; none of them starts before the window
/// that it is in. So the promise holds for whichever of window_start and window_end is taken as a row's time. No key is
/// behind upstream's watermark, so with a watermark per key the same goes by that one.
/// Revisions are late by nature: they come behind the promise, as late records do.
Time WinAgg::promise(Time time) const {
  const Time now = stream_.watermark.now();
  if (stream_.panes) return std::min(time, window_of(now).start);
  Time earliest = std::min(time, stream_.keyed->earliest_start(now));
  key_clocks_.for_each([&](KeyId id) { earliest = std::min(earliest, key_clocks_[id]->keyed->earliest_start(now)); });
  return earliest;
}

void WinAgg::on_end(Output& out) {
  const bool by_key = settings_.watermark == WatermarkOf::key;
  const Way way = by_key ? Way::gathered : Way::straight;
  const auto each = [&](auto call) {
    if (!by_key) return call(stream_);
    key_clocks_.for_each([&](KeyId id) {
      key_clocks_[id]->catch_up(sampler_.found_columns());
      call(*key_clocks_[id]);
    });
  };
  each([&](Clock& clock) {
    clock.store.close_until(clock.watermark.now(), on_row(clock, Completeness::whole, way, out));
  });
  give_gathered(out);
  if (settings_.partial == PartialRows::write)
    each([&](Clock& clock) { clock.store.close_all(on_row(clock, Completeness::partial, way, out)); });
  give_gathered(out);
}

void WinAgg::close(Clock& clock, Output& out) {
  const Time now = clock.watermark.now();
  clock.store.close_until(now, on_row(clock, Completeness::whole, Way::straight, out));
  if (top_) top_->give(out.lines);
  if (clock.next_early <= now) {
    if (clock.next_early != Time::min())  // before, there was no watermark
      clock.store.show_open(on_row(clock, Completeness::partial, Way::straight, out));
    clock.next_early = next_early_of(now);
  }
  if (settings_.watermark != WatermarkOf::stream) return;
  pay_owed(out);
  if (settings_.watermarks == Watermarks::write) announce(out);
}

/// A watermark of its own: what the rows so far allow to be promised.
void WinAgg::announce(Output& out) {
  const Time promised = promise(stream_.watermark.now());
  if (promised <= announced_) return;
  announced_ = promised;
  append_watermark(out.lines, promised);
}

/// Upstream's watermark is every key's: rows of all of them in one order.
void WinAgg::close_keys(Output& out) {
  const Time now = stream_.watermark.now();
  std::vector<Clock*> moved;
  key_clocks_.for_each([&](KeyId id) {
    Clock& clock = *key_clocks_[id];
    if (!clock.watermark.advance(now)) return;
    clock.catch_up(sampler_.found_columns());
    if (clock.store.next_end() <= now)
      clock.store.close_until(now, on_row(clock, Completeness::whole, Way::gathered, out));
    if (clock.next_early <= now) moved.push_back(&clock);
  });
  give_gathered(out);
  for (Clock* const clock : moved) {
    if (clock->next_early != Time::min())
      clock->store.show_open(on_row(*clock, Completeness::partial, Way::gathered, out));
    clock->next_early = next_early_of(now);
  }
  give_gathered(out);
}

Time WinAgg::next_early_of(Time now) const {
  return TumblingWindows(*settings_.early, settings_.origin).window_of(now).end;
}

void WinAgg::pay_owed(Output& out) {
  if (!owed_ || promise(*owed_) != *owed_) return;
  append_watermark(out.lines, *owed_);
  owed_.reset();
}

void WinAgg::give_gathered(Output& out) {
  gathered_.give([&out](std::string_view line) {
    out.lines += line;
    if (out.lines.size() >= much && out.drain) out.drain();
  });
  if (top_) top_->give(out.lines);
}

/// Where a row was given before, the one that replaces it has to be, whatever is in it.
bool WinAgg::is_wanted(const Clock& clock, const WindowRow& row, Completeness rows) {
  if (!having_ || row.revision > 0 || row.standing != Standing::holds) return true;
  return having_->holds(clock.store.layout(), row.cell, writer_.held_until(row, rows));
}

WindowStore::OnRow WinAgg::on_row(const Clock& clock, Completeness rows, Way way, Output& out) {
  return [this, &clock, &out, rows, way](const WindowRow& row) {
    if (!is_wanted(clock, row, rows)) return;
    const CellLayout& layout = clock.store.layout();
    if (top_) {
      top_->take(row, rows, layout, writer_, out.lines);
    } else {
      writer_.append(way == Way::gathered ? gathered_.add(row.window.end, row.key) : out.lines, layout, row, rows);
    }
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

}  // namespace weir::win_agg
