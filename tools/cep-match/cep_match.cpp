#include "cep_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "record/counted.hpp"
#include "record/member_path.hpp"
#include "time/duration.hpp"
#include "time/saturating.hpp"

namespace weir::cep_match {

CepMatch::CepMatch(const Settings& settings)
    : settings_(settings),
      query_(read_query(settings_)),
      time_(time_settings(), fields_),
      group_(query_.by, fields_),
      conditions_(std::move(query_.definitions)),
      rows_((choose_places(), kept_.size()), query_.rows == Rows::all),
      reader_({rows_, query_.variables, query_.expressions, places_}),
      writer_(query_, group_, reader_, names_, settings_.timeouts),
      matcher_(query_.program, conditions_, rows_, reader_, query_.skip == Skip::none ? Wanted::all : Wanted::preferred,
               settings_.max_threads, settings_.max_held),
      matches_(query_, settings_, conditions_, reader_, rows_, matcher_, writer_),
      keys_(settings_.max_keys),
      watermark_(settings_.watermark == WatermarkOf::input ? Duration::max() : settings_.lateness),
      left_out_(settings_.strict) {
  values_.resize(needed_.size());
  if (settings_.watermark == WatermarkOf::input && settings_.lateness > Duration::zero())
    throw std::invalid_argument("--watermark input goes by watermark lines alone, so --lateness has no use");
  std::vector<std::string> taken = group_.names();
  if (query_.rows == Rows::one) taken.insert(taken.end(), {"window_start", "window_end"});
  for (const std::string& name : MatchWriter::added_names(query_, settings_.timeouts)) {
    if (std::find(taken.begin(), taken.end(), name) != taken.end())
      throw std::invalid_argument(fmt::format("two fields of a row would be named '{}'", name));
    taken.push_back(name);
  }
  // A key can be forgotten when its earlier records have no bearing on later ones.
  forgets_ = query_.looks_back == 0 && query_.looks_ahead == 0 && !query_.counts_matches &&
             query_.program.absent_before == 0 && !by_key() &&
             std::none_of(query_.program.code.begin(), query_.program.code.end(),
                          [](const Instruction& each) { return each.op == Op::start; });
}

Query CepMatch::read_query(const Settings& settings) {
  const bool lines = !settings.pattern.empty();
  if (lines == !settings.match_recognize.empty()) throw std::invalid_argument("give --pattern or --match-recognize");
  if (lines) return read_line_query(settings, needed_);
  if (!settings.define.empty() || !settings.measures.empty())
    throw std::invalid_argument("--define and --measure go with --pattern; --match-recognize has its own");
  return read_sql_query(settings, needed_);
}

TimeSettings CepMatch::time_settings() const {
  TimeSettings time = settings_.time;
  if (!query_.order.empty()) time.field = query_.order;
  return time;
}

/// Which fields a row keeps, and where.
void CepMatch::choose_places() {
  std::vector<std::uint32_t> kept = conditions_.row_fields(query_.expressions);
  for (const Measure& measure : query_.measures)
    for (const Reference& each : measure.expression.operands) {
      if (each.target.kind == Target::Kind::field) kept.push_back(each.target.index);
      if (each.target.kind == Target::Kind::expression)
        for (const std::uint32_t field : query_.expressions[each.target.index].fields) kept.push_back(field);
    }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  places_.assign(needed_.size(), 0);
  for (const std::uint32_t field : kept) {
    places_[field] = static_cast<std::uint32_t>(kept_.size());
    kept_.push_back(needed_.ids()[field]);
  }
  kept_fields_ = std::move(kept);
  if (query_.rows == Rows::all)
    for (const std::string& name : MatchWriter::added_names(query_, settings_.timeouts)) {
      names_.push_back(static_cast<std::uint32_t>(kept_.size()));
      kept_.push_back(fields_.add(member_path(name)));
    }
}

/// Reads the record's time and what it fits, before anything is changed.
Verdict CepMatch::read(const Record& record) {
  if (Verdict verdict = time_.read(record, record_time_); verdict.rejected()) return verdict;
  left_out_.begin();
  for (const std::uint32_t field : conditions_.record_fields())
    values_[field] = expr::result_of(record[needed_.ids()[field]]);
  fits_ = conditions_.fits(values_, left_out_);
  if (!query_.summed.empty()) note_unsummed(record);
  return left_out_.judge(true);
}

/// Notes values that sums leave out, of variables that the record may be.
void CepMatch::note_unsummed(const Record& record) {
  for (const auto& [target, labels] : query_.summed) {
    if ((labels & fits_) == 0) continue;
    if (target.kind == Target::Kind::field) {
      const Value& value = record[needed_.ids()[target.index]];
      if (const expr::Type type = expr::result_of(value).type; type != expr::Type::number && type != expr::Type::null)
        left_out_.note_wrong(needed_.path(target.index), value);
    } else if (target.kind == Target::Kind::expression) {
      const auto& [expression, fields] = query_.expressions[target.index];
      results_.clear();
      for (const std::uint32_t field : fields) results_.push_back(expr::result_of(record[needed_.ids()[field]]));
      const expr::Result result = expression.evaluate(std::span<const expr::Result>(results_));
      if (result.failed())
        left_out_.note_wrong(expression.error_text(result));
      else if (result.type != expr::Type::number && result.type != expr::Type::null)
        left_out_.note_wrong(
            fmt::format("{} is {} where a number is needed", expression.text(), expr::name_of(result.type)));
    }
  }
}

Verdict CepMatch::on_record(const Record& record, Output& out) {
  if (Verdict verdict = read(record); verdict.rejected()) return verdict;
  std::string_view name;
  if (Verdict verdict = group_.read(record, name); verdict.rejected()) return verdict;
  KeyId id = keys_.find(name);
  const bool known = id != KeyTable<KeyState>::full;
  const Time now = !by_key() || !known ? watermark_.now() : keys_[id].now;
  if (record_time_ < now) {
    drop_late(record, saturating_distance(record_time_, now), out);
    return Verdict::ok();
  }
  if (known && keys_[id].held >= settings_.max_records)
    return Verdict::reject(
        fmt::format("its key has {} records that wait for the watermark (--max-records)", settings_.max_records));
  if (!known) id = add_key(name);
  if (id == KeyTable<KeyState>::full) return GroupKey::refuse_new(settings_.max_keys);
  left_out_.accept(out);
  KeyState& key = keys_[id];
  if (by_key()) {
    key.greatest = std::max(key.greatest, record_time_);
    key.now = std::max({key.now, watermark_.now(), saturating_subtract(key.greatest, settings_.lateness)});
  } else if (settings_.watermark == WatermarkOf::stream && watermark_.observe(record_time_)) {
    advance(watermark_.now(), out);
  }
  if (key.held == 0 && record_time_ <= now_of(key)) {
    take_now(id, record, out);
  } else {
    if (has_room(key, out)) hold(key, store(record));
    note_due(id);
    if (by_key()) advance_key(id, key.now, out);
  }
  note_failures(out);
  return Verdict::ok();
}

/// A record that is in its place in the order.
void CepMatch::take_now(KeyId id, const Record& record, Output& out) {
  KeyState& key = keys_[id];
  if (by_key()) advance_key(id, record_time_, out);
  if (!matches_.matters(key, fits_) || !has_room(key, out)) {
    ++key.number;
    if ((fits_ & query_.program.absent_before) != 0) key.absent_seen = record_time_;
    return;
  }
  take(key, keys_.key(id), store(record), out);
  note_due(id);
}

/// Whether a record may be held. Without room the key's partial matches, which would miss it, are given up.
bool CepMatch::has_room(KeyState& key, Output& out) {
  if (!matcher_.is_full()) return true;
  note_full(out);
  matches_.forget(key);
  if (!matcher_.is_full()) return true;
  ++without_room_;
  return false;
}

RowId CepMatch::store(const Record& record) {
  results_.clear();
  for (const std::uint32_t field : kept_fields_) results_.push_back(expr::result_of(record[needed_.ids()[field]]));
  const RowId id = rows_.add(record, kept_, results_);
  rows_[id].time = record_time_;
  rows_[id].fits = fits_;
  return id;
}

/// Puts a record among those held of its key, after those of the same time.
void CepMatch::hold(KeyState& key, RowId row) {
  RowId before = key.held_last;
  while (before != no_row && rows_[before].time > rows_[row].time) before = rows_[before].before;
  RowId& link = before == no_row ? key.held_first : rows_[before].after;
  rows_[row].before = before;
  rows_[row].after = link;
  (link == no_row ? key.held_last : rows_[link].before) = row;
  link = row;
  ++key.held;
  ++held_;
}

/// The next record of a key, in order.
void CepMatch::take(KeyState& key, std::string_view name, RowId id, Output& out) {
  Row& row = rows_[id];
  row.number = key.number++;
  row.absent_seen = key.absent_seen;
  if ((row.fits & query_.program.absent_before) != 0) key.absent_seen = row.time;
  matches_.take(key, name, id, out);
}

/// Takes the records held up to `now`, and what time alone does before it.
void CepMatch::advance_key(KeyId id, Time now, Output& out) {
  KeyState& key = keys_[id];
  const std::string_view name = keys_.key(id);
  while (key.held_first != no_row && rows_[key.held_first].time <= now) {
    const RowId row = rows_.take_first(key.held_first, key.held_last);
    --key.held;
    --held_;
    if (matches_.matters(key, rows_[row].fits)) {
      take(key, name, row, out);
    } else {
      ++key.number;
      if ((rows_[row].fits & query_.program.absent_before) != 0) key.absent_seen = rows_[row].time;
      rows_.remove(row);
    }
  }
  matches_.pass(key, name, now, out);
}

Time CepMatch::due(const KeyState& key) const {
  const Time deadline = matches_.deadline(key);
  const Time after = deadline == Time::max() ? deadline : deadline + Duration(1);
  return key.held_first == no_row ? after : std::min(after, rows_[key.held_first].time);
}

void CepMatch::note_due(KeyId id) {
  if (const Time at = due(keys_[id]); at != Time::max()) due_.bring_forward(static_cast<std::size_t>(id), at);
}

/// Everything that is due up to `now`, in the order of its time.
void CepMatch::advance(Time now, Output& out) {
  while (!due_.empty() && due_.first().time <= now) {
    const KeyId id{static_cast<std::uint32_t>(due_.first().place)};
    advance_key(id, due_.first().time, out);
    const Time next = due(keys_[id]);
    if (next == Time::max())
      due_.remove_first();
    else
      due_.postpone_first(next);
  }
}

/// A new key. Where keys may be forgotten, those with nothing under way are, before they become many.
KeyId CepMatch::add_key(std::string_view name) {
  if (forgets_ && keys_.size() >= std::min<std::size_t>(swept_at_, settings_.max_keys)) {
    keys_.erase_if([](const KeyState& key) { return key.is_idle(); });
    swept_at_ = std::max<std::size_t>(1024, 2 * keys_.size());
  }
  return keys_.find_or_add(name);
}

void CepMatch::state(StateArchive& archive) {
  archive.values(keys_, rows_, matcher_, matches_, conditions_, writer_, due_, watermark_, owed_, left_out_);
  std::uint64_t swept_at = swept_at_;
  archive.values(swept_at, held_, late_, without_room_, failure_noted_, full_noted_);
  swept_at_ = swept_at;
  if (archive.loading()) drop_noted_ = matcher_.dropped_threads() > 0;
}

void CepMatch::drop_late(const Record& record, Duration late_by, Output& out) {
  if (++late_ == 1)
    out.messages.push_back({fmt::format("late: its time is {} before the watermark, and later records have been "
                                        "matched (--lateness)",
                                        format_duration(late_by)),
                            settings_.late.weight()});
  append_line(out.side(0), record.line());
}

void CepMatch::note_full(Output& out) {
  if (std::exchange(full_noted_, true)) return;
  out.messages.push_back(
      {fmt::format("records and partial matches take {} MiB, the most that --max-held allows: beyond it "
                   "ways and beginnings are dropped; raise it, or use within or smaller counts",
                   settings_.max_held >> 20U),
       Weight::lost});
}

/// Reports the first expression that had no result, and the first threads that were dropped.
void CepMatch::note_failures(Output& out) {
  if (!full_noted_ && matcher_.is_crowded()) note_full(out);
  if (!drop_noted_ && !full_noted_ && matcher_.dropped_threads() > 0) {
    drop_noted_ = true;
    out.messages.push_back(
        {fmt::format(
             "a match has more than {} ways to go on, the most that --max-threads allows: those beyond are dropped; "
             "raise it, or use next, within or smaller counts in the pattern",
             settings_.max_threads),
         Weight::lost});
  }
  if (failure_noted_ || conditions_.failed() + writer_.failed() == 0) return;
  failure_noted_ = true;
  const std::string& text = conditions_.failed() > 0 ? conditions_.failure() : writer_.failure();
  if (!text.empty()) out.messages.push_back({text});
}

}  // namespace weir::cep_match
