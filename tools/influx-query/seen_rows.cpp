#include "seen_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "row_writer.hpp"
#include "state/fingerprint.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {
namespace {

/// Rows whose records are held; with more, the oldest is written as it is.
constexpr std::size_t most_held = 100'000;

std::string text_of(Time time) {
  std::string text;
  append_time(text, time);
  return text;
}

}  // namespace

void SeenRows::begin_answer(Time since, Time now, clock::time_point asked) {
  since_ = since;
  now_ = now;
  asked_ = asked;
  answer_.clear();
  held_.clear();
  older_waits_ = false;
}

std::optional<Time> SeenRows::from() const {
  if (!newest_) return std::nullopt;
  return *newest_ - settings_.lateness;
}

void SeenRows::take(Time time, std::string_view line, clock::time_point seen) {
  if (time < since_)
    throw AnswerError(fmt::format("a row of {} is before {}, where the query begins", text_of(time), text_of(since_)));
  if (newest_ && time < *from())
    throw AnswerError(
        fmt::format("a row of {} comes after one of {}: rows must come in order of time, within --lateness",
                    text_of(time), text_of(*newest_)));
  std::uint64_t id = state::fingerprint(line);
  while (!answer_.emplace(time, id).second) id = id * 0x9e3779b97f4a7c15U + 1;
  const Key key{time, id};
  if (seen_.contains(key)) return;
  const auto candidate = candidates_.find(key);
  const auto first_seen = candidate == candidates_.end() ? seen : candidate->second;
  if (may_write(candidate != candidates_.end(), asked_ - first_seen)) {
    write(key, line);
  } else {
    held_.emplace(key, Held{std::string(line), first_seen});
    if (held_.size() > std::min<std::uint64_t>(most_held, settings_.most / 2)) write_oldest();
  }
  if (seen_.size() + held_.size() > settings_.most)
    throw AnswerError(fmt::format("more than {} rows lie within --lateness: make it shorter, or --max-recent larger",
                                  settings_.most));
}

/// Whether a row that has been there for so long may be written. Those before it go first, but not for ever.
bool SeenRows::may_write(bool known, clock::duration stood) {
  constexpr int longest_wait = 4;
  if (settings_.settle == Duration::zero()) return true;
  if (!known || stood < settings_.settle) {
    older_waits_ = true;
    return false;
  }
  return !older_waits_ || stood >= longest_wait * settings_.settle;
}

void SeenRows::write(const Key& key, std::string_view line) {
  seen_.insert(key);
  write_(key.second, line);
  advance(key.first);
}

void SeenRows::write_oldest() {
  const auto oldest = held_.extract(held_.begin());
  write(oldest.key(), oldest.mapped().line);
}

void SeenRows::end_answer() {
  candidates_.clear();
  for (const auto& [key, held] : held_) candidates_.emplace_hint(candidates_.end(), key, held.first_seen);
  held_.clear();
  answer_.clear();
}

void SeenRows::add(Time time, std::uint64_t id) {
  now_ = std::max(now_, time);
  advance(time);
  if (time >= *from()) seen_.emplace(time, id);
}

/// Rows that fall out of the span are not asked for again: they are written as they are.
void SeenRows::advance(Time time) {
  time = std::min(time, now_);
  if (newest_ && time <= *newest_) return;
  newest_ = time;
  const Key bound{*from(), 0};
  for (auto held = held_.begin(); held != held_.end() && held->first < bound; held = held_.erase(held))
    write_(held->first.second, held->second.line);
  seen_.erase(seen_.begin(), seen_.lower_bound(bound));
  answer_.erase(answer_.begin(), answer_.lower_bound(bound));
}

void SeenRows::state(StateArchive& archive) {
  struct Entry {
    Time time;
    std::uint64_t id;
  };
  std::vector<Entry> entries;
  for (const auto& [time, id] : seen_) entries.push_back({time, id});
  archive.values(newest_, entries);
  if (archive.loading())
    for (const Entry& entry : entries) seen_.emplace_hint(seen_.end(), entry.time, entry.id);
}

}  // namespace weir::influx_query
