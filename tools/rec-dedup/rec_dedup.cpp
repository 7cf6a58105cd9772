#include "rec_dedup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "time/saturating.hpp"

namespace weir::rec_dedup {
namespace {

/// Forgotten keys that may lie in the table before it is worth a pass over it.
constexpr std::size_t sweep_from = 1024;

/// The table takes forgotten keys beside those that are held, up to half as many.
std::size_t table_limit(std::size_t max_keys) { return max_keys + max_keys / 2 + sweep_from + 2; }

bool is_by_time(const RecDedupSettings& settings) {
  return std::find(settings.by.begin(), settings.by.end(), settings.time_field) != settings.by.end();
}

/// Without the time, which is remembered as such.
std::vector<std::string> other_fields(const RecDedupSettings& settings) {
  std::vector<std::string> fields = settings.by;
  if (std::count(fields.begin(), fields.end(), settings.time_field) == 1)  // more than once is an error for GroupKey
    fields.erase(std::find(fields.begin(), fields.end(), settings.time_field));
  return fields;
}

}  // namespace

RecDedup::RecDedup(const RecDedupSettings& settings)
    : settings_(settings),
      time_(fields_.add(settings.time_field)),
      group_(other_fields(settings), fields_),
      keys_(table_limit(settings.max_keys)) {
  if (is_by_time(settings)) times_.emplace(settings.max_keys);
}

Verdict RecDedup::on_record(const Record& record, Output& out) {
  const Value& stamp = record[time_];
  if (stamp.kind != Kind::string && stamp.kind != Kind::number)
    return Verdict::reject(fmt::format("no usable time: {} is {}", settings_.time_field,
                                       stamp.present() ? "no text or number" : "missing"));
  const std::optional<Time> time = settings_.time.parse(stamp.text);
  if (!time) return Verdict::reject(fmt::format("no usable time: {} is not a time", settings_.time_field));
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;

  advance(*time);
  if (!take(key, *time)) {
    ++repeats_;
    if (settings_.repeats == Repeats::write_to_side) {
      out.sides.at(0) += record.line();
      out.sides[0] += '\n';
    }
    return Verdict::ok();
  }
  sweep();
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

/// Remembers a record; false when it is a repeat.
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

/// What is remembered is recent by the stream's time (advance()); the record's own decides here.
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

/// Forgets the record that has been remembered longest, and its key when that was the last of it.
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

std::string RecDedup::summary() const {
  std::string words;
  if (repeats_ > 0) words = fmt::format("{} record{} dropped that came again", repeats_, repeats_ == 1 ? "" : "s");
  if (forgotten_early_ > 0)
    words += fmt::format("{}{} key{} forgotten before --within had passed (--max-keys {})", words.empty() ? "" : "; ",
                         forgotten_early_, forgotten_early_ == 1 ? "" : "s", settings_.max_keys);
  return words;
}

}  // namespace weir::rec_dedup
