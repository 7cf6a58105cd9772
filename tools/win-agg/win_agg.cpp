#include "win_agg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/control.hpp"
#include "record/counted.hpp"
#include "record/field_as.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"

namespace weir::win_agg {
namespace {

Settings checked(const Settings& settings) {
  check(settings);
  return with_time_of_rows(settings);
}

std::vector<Aggregate> parse(const std::string& aggregates) {
  if (aggregates.empty()) return {};
  try {
    return parse_aggregates(aggregates);
  } catch (const AggregateSyntaxError& error) {
    throw std::invalid_argument(std::string("--agg: ") + error.what());
  }
}

/// Fields of the key and of the time, which are not aggregated with those that are found.
std::vector<std::string> key_and_time(const Settings& settings) {
  std::vector<std::string> names;
  if (!settings.time.field.empty()) names.push_back(settings.time.field);
  for (const std::string& by : settings.by) names.push_back(FieldSet::plain_name(read_field_as(by).path));
  return names;
}

}  // namespace

WinAgg::WinAgg(const Settings& settings)
    : settings_(checked(settings)),
      time_(settings_.time, fields_),
      group_(settings.by, fields_),
      time_keys_(settings.merges ? std::vector<std::string>() : settings.by, Zone::named(settings.time.zone)),
      windows_(settings),
      shift_(shift_of(settings)),
      sampler_(parse(settings.aggregates), key_and_time(settings), settings.max_fields, settings.strict, fields_),
      layout_(sampler_.columns()),
      stream_(settings, windows_, layout_, settings.max_keys),
      keys_(settings_, windows_, sampler_, layout_),
      rows_(settings, group_, sampler_, stream_.store.layout()),
      late_(settings) {
  sampler_.bind(stream_.store.layout());
  if (settings.partials || settings.merges) {
    if (sampler_.finds()) throw std::invalid_argument("--partial and --merge need named fields in --agg: not *");
    parts_.emplace(layout_);
  }
  if (settings.partials) rows_.write_parts(*parts_);
  if (settings.merges) merged_.emplace(layout_, *parts_, settings_.closed, fields_);
  check_names();
  const auto& columns = sampler_.columns();
  if (!windows_.side_by_side() &&
      std::any_of(columns.begin(), columns.end(), [](const Aggregate& each) { return each.carry; }))
    throw std::invalid_argument("--agg: 'twa(…) carry' needs windows side by side: --every without --size");
}

std::string WinAgg::hint() const {
  const auto length = parse_duration(settings_.every);
  constexpr Duration day = std::chrono::days(1);
  if (!length || *length % day != Duration::zero() || !settings_.origin.empty() ||
      Zone::named(settings_.time.zone).is_utc())
    return {};
  const std::string_view unit = *length % (7 * day) == Duration::zero() ? "week" : "day";
  return fmt::format("--every {} follows the clock of UTC, so a day begins at 00:00 UTC; for the {}s of {}: --every {}",
                     settings_.every, unit, settings_.time.zone, unit);
}

void WinAgg::check_names() const {
  std::vector<std::string> names{"window_start", "window_end"};
  for (const std::string& part : settings_.local) names.push_back("local_" + part);
  const auto claim = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw std::invalid_argument(fmt::format(
          "two fields of a row would be named '{}'; --by 'FIELD as NAME' and --agg '… as NAME' rename", name));
    names.push_back(name);
  };
  for (const std::string& name : group_.names()) claim(name);
  if (settings_.partials) {
    for (const std::string& name : parts_->names()) claim(name);
    claim("seen");
    claim("closed");
  } else {
    for (const Aggregate& column : sampler_.columns()) claim(column.name);
  }
  claim("partial");
  if (settings_.allow_late > Duration::zero()) claim("rev");
  if (can_retract(settings_)) claim("retracted");
}

// read(), take() and take_tumbling() are parts of on_record(), apart only for the reader.
[[gnu::always_inline]] inline Verdict WinAgg::read(const Record& record, Time& time, std::string_view& key) {
  if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
  time = shifted(time, time_.is_window_end());
  if (!time_keys_.empty()) time_keys_.give(time, group_);
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  if (merged_) return merged_->read(record, time, windows_.window_of(time));
  return sampler_.read(record, time_.name());
}

template <typename RecordOf>
[[gnu::always_inline]] inline Verdict WinAgg::take_tumbling(OpenWindows& open, RecordOf record, Time time,
                                                            std::string_view key, Output& out) {
  PaneStore& panes = *open.panes;
  if (!window_.contains(time)) window_ = windows_.window_of(time);
  const Time now = open.watermark.now();
  std::byte* cell = nullptr;
  if (window_.end <= now) {
    if (!panes.keeps(window_, now)) {
      late_.drop(record(), saturating_distance(time, now), out);
      return Verdict::ok();
    }
    cell = panes.cell_again(window_, key);
    if (cell == nullptr) return no_room();
    late_.take(record(), saturating_distance(time, now), out);
  } else {
    cell = panes.cell(window_, key);
    if (cell == nullptr) return no_room();
  }
  if (sampler_.finds()) {
    take_sample(open);
    cell = panes.cell(window_, key);
  }
  sampler_.accept(out);
  ++in_windows_;
  if (merged_) {
    panes.layout().merge(cell, merged_->cell());
    seen_ = std::max(seen_, merged_->seen());
  } else {
    panes.layout().add(cell, time, sampler_.samples());
  }
  return Verdict::ok();
}

template <typename RecordOf>
Verdict WinAgg::take_keyed(OpenWindows& open, RecordOf record, Time time, std::string_view key, Output& out) {
  KeyedWindowStore& keyed = *open.keyed;
  const Time now = open.watermark.now();
  if (keyed.is_late(time, key, now)) {
    late_.drop(record(), saturating_distance(time, now), out);
    return Verdict::ok();
  }
  const bool taken_late = settings_.allow_late > Duration::zero() && keyed.is_taken_late(time, key, now);
  auto cells = keyed.cells(time, key, now);
  if (cells.empty()) return no_room();
  if (taken_late) late_.take(record(), saturating_distance(time, now), out);
  if (sampler_.finds()) {
    take_sample(open);
    cells = keyed.cells(time, key, now);
  }
  sampler_.accept(out);
  ++in_windows_;
  for (std::byte* cell : cells) keyed.layout().add(cell, time, sampler_.samples());
  if (keyed.added(time, key)) close(open, out);
  return Verdict::ok();
}

/// Takes what was read of a record; record() has the rest of it.
template <typename RecordOf>
[[gnu::always_inline]] inline Verdict WinAgg::take(Time time, std::string_view key, RecordOf record, Output& out) {
  if (!begun_.empty()) report_begun(time, out);
  OpenWindows* const open = by_key() ? keys_.find(key, stream_.watermark.now()) : &stream_;
  if (open == nullptr) return no_room();
  if (Verdict verdict =
          open->panes ? take_tumbling(*open, record, time, key, out) : take_keyed(*open, record, time, key, out);
      verdict.rejected())
    return verdict;
  if (open->watermark.observe(time)) {
    const Time now = open->watermark.now();
    if (open->store.next_end() <= now || open->next_early <= now) close(*open, out);
  }
  return Verdict::ok();
}

Verdict WinAgg::on_record(const Record& record, Output& out) {
  Time time;
  std::string_view key;
  if (Verdict verdict = read(record, time, key); verdict.rejected()) return verdict;
  return take(
      time, key, [&record]() -> const Record& { return record; }, out);
}

Verdict WinAgg::on_read(const ReadRecord& read, Output& out) {
  EntryCursor entry(read.entry());
  const auto& head = entry.next<EntryHead>();
  if (!time_.guard().admit(head.time)) return TimeField::set_aside();
  const std::string_view key = entry.text(head.key_size);
  if (merged_) {
    if (Verdict verdict = merged_->take(entry, read.line().text); verdict.rejected()) return verdict;
  } else {
    sampler_.take(entry, read.line().text);
  }
  return take(
      shifted(head.time, head.is_window_end != 0), key, [&read]() -> const Record& { return read.record(); }, out);
}

/// Called after the record has its place: a rejected record must leave no columns.
void WinAgg::take_sample(OpenWindows& open) {
  sampler_.sample(open.store);
  open.columns_found = sampler_.found_columns().size();
}

Verdict WinAgg::no_room() const {
  return Verdict::reject(fmt::format("a new key, and {} others {} (--max-keys)", settings_.max_keys,
                                     by_key() ? "are held" : "have open windows"));
}

void WinAgg::on_watermark(Time time, Output& out) {
  if (stream_.watermark.advance(saturating_subtract(time, shift_))) {
    if (by_key())
      close_keys(out);
    else
      close(stream_, out);
  }
  owed_.note(time, promise(time));
}

/// The earliest start of a window with a row still to come, so that the promise holds for window_start as well as for
/// window_end. No key's watermark is before upstream's. Revisions are late records, and may be older.
Time WinAgg::promise(Time time) const {
  const Time now = stream_.watermark.now();
  if (stream_.panes) return std::min(time, windows_.window_of(now).start);
  return std::min({time, stream_.keyed->earliest_start(now), keys_.earliest_start(now)});
}

template <typename Function>
void WinAgg::for_each_open(Function function) {
  if (by_key())
    keys_.for_each(function);
  else
    function(stream_);
}

void WinAgg::on_end(Output& out) {
  const RowOrder order = by_key() ? RowOrder::by_store : RowOrder::as_written;
  if (merged_ && settings_.watermark == WatermarkOf::stream && seen_ != Time::min())
    stream_.watermark.advance(saturating_subtract(saturating_subtract(seen_, shift_), settings_.lateness));
  for_each_open([&](OpenWindows& open) {
    rows_.set_seen(seen(open));
    open.store.close_until(open.watermark.now(), rows_.on_row(open.store.layout(), Completeness::whole, order, out));
  });
  rows_.finish(out);
  if (settings_.partial == PartialRows::leave_out) return;
  for_each_open([&](OpenWindows& open) {
    rows_.set_seen(seen(open));
    open.store.close_all(rows_.on_row(open.store.layout(), Completeness::partial, order, out));
  });
  rows_.finish(out);
}

void WinAgg::close(OpenWindows& open, Output& out) {
  const Time now = open.watermark.now();
  const CellLayout& layout = open.store.layout();
  rows_.set_seen(seen(open));
  open.store.close_until(now, rows_.on_row(layout, Completeness::whole, RowOrder::as_written, out));
  rows_.finish(out);
  if (open.next_early <= now) {
    if (open.next_early != Time::min())  // the first watermark only sets the time
      open.store.show_open(rows_.on_row(layout, Completeness::partial, RowOrder::as_written, out));
    open.next_early = windows_.next_early(now);
  }
  if (by_key()) return;
  owed_.pay_when_kept([this](Time time) { return promise(time); }, out);
  if (settings_.watermarks == Watermarks::write) announce(out);
}

/// Upstream's watermark is every key's: the rows of all keys come in one order.
void WinAgg::close_keys(Output& out) {
  const Time now = stream_.watermark.now();
  std::vector<OpenWindows*> early;
  keys_.for_each([&](OpenWindows& open) {
    if (!open.watermark.advance(now)) return;
    rows_.set_seen(seen(open));
    if (open.store.next_end() <= now)
      open.store.close_until(now, rows_.on_row(open.store.layout(), Completeness::whole, RowOrder::by_store, out));
    if (open.next_early <= now) early.push_back(&open);
  });
  rows_.finish(out);
  for (OpenWindows* const open : early) {
    if (open->next_early != Time::min())
      open->store.show_open(rows_.on_row(open->store.layout(), Completeness::partial, RowOrder::by_store, out));
    open->next_early = windows_.next_early(now);
  }
  rows_.finish(out);
}

/// Writes a watermark: the time up to which all rows have been written.
void WinAgg::announce(Output& out) {
  const Time promised = promise(stream_.watermark.now());
  if (promised <= announced_) return;
  announced_ = promised;
  append_watermark(out.lines, promised);
}

/// Reports columns that the restored windows do not have from their beginning.
void WinAgg::report_begun(Time time, Output& out) {
  out.messages.push_back({fmt::format("new in this state: {}; windows that were open have {} of records from {} on",
                                      fmt::join(begun_, ", "), begun_.size() == 1 ? "it" : "them",
                                      format_time(saturating_add(time, shift_)))});
  begun_.clear();
}

void WinAgg::state(StateArchive& archive) {
  archive.value(sampler_);
  layout_.state_of_columns(archive, sampler_.columns());
  if (archive.loading()) {
    begun_ = layout_.begun();
    if (parts_ && !begun_.empty())
      throw SnapshotError("with --partial and --merge --agg cannot have columns that the state has not: " + begun_[0]);
    stream_.store.set_layout(layout_);
  }
  stream_.state(archive, sampler_.found_columns());
  archive.values(keys_, announced_, owed_, in_windows_, late_, seen_);
}

std::string WinAgg::statistics(std::uint64_t records, std::uint64_t rejected) const {
  if (settings_.statistics == Statistics::none) return {};
  return fmt::format("{} in = {} in windows + {} late + {} rejected", counted(records, "record"), in_windows_,
                     late_.dropped(), rejected);
}

std::vector<NamedField> WinAgg::named_fields() const {
  std::vector<NamedField> named;
  if (!merged_) named = sampler_.named_fields();
  for (NamedField& each : named_fields_of("--by", settings_.by))
    if (!TimeKeys::is_part(each.path)) named.push_back(std::move(each));
  return named;
}

CountReport WinAgg::counts() const {
  CountReport report;
  report.add(late_.taken(), "late record", "taken into closed windows (--allow-late)")
      .add_late(late_.dropped(), "late record", "", settings_.late);
  if (const auto& having = rows_.having())
    report.add(having->failed(), "row", "left out that --having cannot judge: " + having->first_failure());
  sampler_.add_to(report);
  return report;
}

}  // namespace weir::win_agg
