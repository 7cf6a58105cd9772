#include "rec_dedup.hpp"

#include <algorithm>

#include "record/counted.hpp"
#include "record/field_as.hpp"
#include "time/saturating.hpp"

namespace weir::rec_dedup {
namespace {

/// Fewer forgotten keys than this are not worth a pass over the table.
constexpr std::size_t sweep_from = 1024;

/// The table has room for the keys held and for half as many forgotten ones.
std::size_t table_limit(std::size_t max_keys) { return max_keys + max_keys / 2 + sweep_from + 2; }

/// The field of the key that is the record's time.
std::string time_in_key(const Settings& settings) { return settings.time.names().front(); }

bool is_by_time(const Settings& settings) {
  return std::find(settings.by.begin(), settings.by.end(), time_in_key(settings)) != settings.by.end();
}

/// The key's fields without the time, which TimeMemory keeps as a number.
std::vector<std::string> other_fields(const Settings& settings) {
  std::vector<std::string> fields = settings.by;
  const std::string time = time_in_key(settings);
  if (std::count(fields.begin(), fields.end(), time) == 1)  // GroupKey refuses a field named twice
    fields.erase(std::find(fields.begin(), fields.end(), time));
  return fields;
}

}  // namespace

RecDedup::RecDedup(const Settings& settings)
    : settings_(settings),
      time_(settings.time, fields_),
      group_(other_fields(settings), fields_),
      keys_(table_limit(settings.max_keys)) {
  if (is_by_time(settings)) times_.emplace(settings.max_keys);
  for (const std::string& path : other_fields(settings)) by_.push_back(fields_.add(read_field_as(path).path));
}

Verdict RecDedup::on_record(const Record& record, Output& out) {
  Time time;
  if (Verdict verdict = time_.read(record, time); verdict.rejected()) return verdict;
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;

  advance(time);
  if (is_without_key(record)) {
    if (++without_key_ == 1) out.messages.push_back({"none of the fields of --by is there: passed on"});
    append_line(out.lines, record.line());
  } else if (take(key, time)) {
    sweep();
    append_line(out.lines, record.line());
  } else {
    ++repeats_;
    append_line(out.side(0), record.line());
  }
  return Verdict::ok();
}

/// Whether nothing tells a record from another: it cannot be known as one that was sent again.
bool RecDedup::is_without_key(const Record& record) const {
  return !times_ && std::none_of(by_.begin(), by_.end(), [&record](FieldId id) { return record[id].present(); });
}

/// Remembers a record and returns true, or returns false for a repeat.
bool RecDedup::take(std::string_view key, Time time) {
  if (times_) {
    if (!times_->insert(key, time, now_)) return false;
  } else {
    const KeyId id = keys_.find_or_add(key);
    Passed& passed = keys_[id];
    if (is_repeat(passed, time)) return false;
    remember(passed, id, time);
  }
  if (held() > settings_.max_keys) {
    forget_first();
    ++forgotten_early_;
  }
  return true;
}

bool RecDedup::is_near(Time one, Time other) const {
  const auto [earlier, later] = std::minmax(one, other);
  return saturating_distance(earlier, later) <= settings_.within;
}

/// advance() has forgotten what is old by the stream's time; the records' own times decide here.
bool RecDedup::is_repeat(const Passed& passed, Time time) const {
  if (passed.serial == 0) return false;
  if (is_near(passed.time, time)) return true;
  return passed.before && std::any_of(passed.before->begin(), passed.before->end(),
                                      [this, time](Time each) { return is_near(each, time); });
}

void RecDedup::remember(Passed& passed, KeyId id, Time time) {
  if (passed.serial == 0) {
    ++known_keys_;
  } else {
    if (!passed.before) passed.before = std::make_unique<std::deque<Time>>();
    passed.before->push_back(passed.time);
  }
  passed.serial = ++serial_;
  passed.time = time;
  turns_.push_back({serial_, now_, id});
}

void RecDedup::on_watermark(Time time, Output& out) {
  static_cast<void>(out);
  advance(time);
  sweep();
}

void RecDedup::advance(Time time) {
  if (time <= now_) return;
  now_ = time;
  if (times_) {
    while (times_->size() > 0 && !is_near(times_->first_stream_time(), now_)) times_->forget_first();
    return;
  }
  while (!turns_.empty() && !is_near(turns_.front().stream_time, now_)) forget_first();
}

/// Forgets the record remembered longest, and its key with the last of its records.
void RecDedup::forget_first() {
  if (times_) return times_->forget_first();
  Passed& passed = keys_[turns_.front().key];
  if (passed.serial != turns_.front().serial) {
    passed.before->pop_front();
    if (passed.before->empty()) passed.before.reset();
  } else {
    passed.serial = 0;
    --known_keys_;
  }
  turns_.pop_front();
}

void RecDedup::sweep() {
  const std::size_t forgotten = keys_.size() - known_keys_;
  if (forgotten < sweep_from || forgotten < known_keys_ / 2) return;
  keys_.erase_if([](const Passed& passed) { return passed.serial == 0; });
}

void RecDedup::state(StateArchive& archive) {
  if (times_) archive.value(*times_);
  archive.values(keys_, turns_, now_, serial_, known_keys_, repeats_, forgotten_early_, without_key_);
}

std::vector<NamedField> RecDedup::named_fields() const { return named_fields_of("--by", settings_.by); }

CountReport RecDedup::counts() const {
  return CountReport()
      .add(repeats_, "record", "dropped that came again", Weight::work)
      .add(without_key_, "record", "without any field of --by passed on")
      .add(forgotten_early_, "key",
           "forgotten before --within had passed (--max-keys " + std::to_string(settings_.max_keys) + ")");
}

}  // namespace weir::rec_dedup
