#include "seen_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "row_writer.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {
namespace {

/// FNV-1a of 64 bits (Fowler, Noll, Vo): saved, so it must stay the same.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::string text_of(Time time) {
  std::string text;
  append_time(text, time);
  return text;
}

}  // namespace

void SeenRows::begin_answer(Time since, Time now) {
  since_ = since;
  now_ = now;
  answer_.clear();
}

std::optional<Time> SeenRows::from() const {
  if (!newest_) return std::nullopt;
  return *newest_ - lateness_;
}

std::optional<std::uint64_t> SeenRows::take(Time time, std::string_view line) {
  if (time < since_)
    throw AnswerError(fmt::format("a row of {} is before {}, where the query begins", text_of(time), text_of(since_)));
  if (newest_ && time < *from())
    throw AnswerError(
        fmt::format("a row of {} comes after one of {}: rows must come in order of time, within --lateness",
                    text_of(time), text_of(*newest_)));
  advance(time);
  std::uint64_t id = hash_of(line);
  while (!answer_.emplace(time, id).second) id = id * 0x9e3779b97f4a7c15U + 1;
  if (!seen_.emplace(time, id).second) return std::nullopt;
  if (seen_.size() > most_)
    throw AnswerError(
        fmt::format("more than {} rows lie within --lateness: make it shorter, or --max-recent larger", most_));
  return id;
}

void SeenRows::add(Time time, std::uint64_t id) {
  now_ = std::max(now_, time);
  advance(time);
  if (time >= *from()) seen_.emplace(time, id);
}

void SeenRows::advance(Time time) {
  time = std::min(time, now_);
  if (newest_ && time <= *newest_) return;
  newest_ = time;
  const Key bound{*from(), 0};
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
