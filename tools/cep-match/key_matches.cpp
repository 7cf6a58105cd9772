#include "key_matches.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "time/saturating.hpp"

namespace weir::cep_match {

KeyMatches::KeyMatches(const Query& query, const Settings& settings, Conditions& conditions, TargetReader& reader,
                       RowStore& rows, Matcher& matcher, MatchWriter& writer)
    : query_(query),
      program_(query.program),
      conditions_(conditions),
      reader_(reader),
      rows_(rows),
      matcher_(matcher),
      writer_(writer),
      timeouts_(settings.timeouts),
      max_records_(settings.max_records),
      max_attempts_(settings.max_threads),
      side_by_side_(query.form == Form::line && (query.skip == Skip::next_row || query.skip == Skip::none)),
      needs_all_(query.looks_back > 0 || query.looks_ahead > 0 || query.others == Others::unmatched ||
                 query.program.may_be_empty) {}

bool KeyMatches::matters(const KeyState& key, Labels fits) const {
  if (needs_all_ || (fits & program_.first) != 0) return true;
  return key.attempt != no_attempt && (program_.has_next || (fits & program_.used) != 0);
}

RowId KeyMatches::following(const KeyState& key, RowId row) const {
  const RowId after = rows_[row].after;
  return after == key.unread ? no_row : after;
}

void KeyMatches::link(KeyState& key, RowId row) {
  Row& added = rows_[row];
  added.before = key.last;
  added.after = no_row;
  if (key.last != no_row) rows_[key.last].after = row;
  if (key.first == no_row) key.first = row;
  key.last = row;
  ++key.rows;
}

void KeyMatches::take(KeyState& key, std::string_view name, RowId row, Output& out) {
  if (key.rows >= max_records_) give_up(key, out);
  link(key, row);
  if (key.unread == no_row) key.unread = row;
  if (++key.unread_rows <= query_.looks_ahead) return;
  const RowId now = key.unread;
  key.unread = rows_[now].after;
  --key.unread_rows;
  read(key, name, now, out);
}

/// The matcher gets a record.
void KeyMatches::read(KeyState& key, std::string_view name, RowId row, Output& out) {
  if (conditions_.has_neighbours()) rows_[row].fits &= conditions_.fits_between(row, reader_);
  if (side_by_side()) {
    read_beside(key, name, row, out);
  } else {
    if (key.attempt == no_attempt && key.begin_at == no_row) key.begin_at = row;
    if (key.attempt != no_attempt && attempts_[key.attempt].next == no_row) attempts_[key.attempt].next = row;
    search(key, name, rows_[row].time, out);
  }
  trim(key);
}

void KeyMatches::read_beside(KeyState& key, std::string_view name, RowId row, Output& out) {
  for (std::uint32_t at = key.attempt; at != no_attempt; at = attempts_[at].later) {
    matcher_.step(attempts_[at], row);
    emit_found(key, name, attempts_[at], out);
  }
  settle(key, name, out);
  if ((rows_[row].fits & program_.first) == 0) return;
  if (!matcher_.has_room(key.attempts)) {
    ++given_up_;
    return;
  }
  if (key.attempts >= max_attempts_) {
    if (++given_up_ == 1)
      out.messages.push_back(
          {fmt::format(
               "a key has {} partial matches, the most that --max-threads allows: no further ones begin; raise it, or "
               "use a shorter within",
               max_attempts_),
           Weight::lost});
    return;
  }
  const std::uint32_t made = begin(key, row);
  matcher_.step(attempts_[made], row);
  emit_found(key, name, attempts_[made], out);
  settle(key, name, out);
}

/// Removes the attempts that are over, and writes their matches.
void KeyMatches::settle(KeyState& key, std::string_view name, Output& out) {
  std::uint32_t before = no_attempt;
  for (std::uint32_t at = key.attempt; at != no_attempt;) {
    Attempt& attempt = attempts_[at];
    const std::uint32_t later = attempt.later;
    if (!attempt.over()) {
      before = at;
      at = later;
      continue;
    }
    if (query_.skip != Skip::none && attempt.has_found)
      emit(key, name, attempt, attempt.found, attempt.found_at, out);
    else if (!attempt.has_found)
      emit_timeout(key, name, attempt, out);
    (before == no_attempt ? key.attempt : attempts_[before].later) = later;
    if (key.last_attempt == at) key.last_attempt = before;
    --key.attempts;
    matcher_.clear(attempt);
    free_.push_back(at);
    at = later;
  }
}

std::uint32_t KeyMatches::begin(KeyState& key, RowId row) {
  std::uint32_t id = static_cast<std::uint32_t>(attempts_.size());
  if (free_.empty()) {
    attempts_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Attempt& attempt = attempts_[id];
  attempt.later = no_attempt;
  (key.attempt == no_attempt ? key.attempt : attempts_[key.last_attempt].later) = id;
  key.last_attempt = id;
  ++key.attempts;
  matcher_.begin(attempt, row);
  return id;
}

void KeyMatches::remove_first(KeyState& key) {
  const std::uint32_t id = key.attempt;
  matcher_.clear(attempts_[id]);
  key.attempt = attempts_[id].later;
  if (key.attempt == no_attempt) key.last_attempt = no_attempt;
  --key.attempts;
  free_.push_back(id);
}

/// One attempt after the other, as far as records and time allow.
void KeyMatches::search(KeyState& key, std::string_view name, Time now, Output& out) {
  for (;;) {
    if (key.attempt == no_attempt) {
      const RowId row = key.begin_at;
      if (row == no_row) return;
      if (!program_.may_be_empty && (rows_[row].fits & program_.first) == 0) {
        leave(key, row, out);
        key.begin_at = following(key, row);
        continue;
      }
      key.begin_at = no_row;
      begin(key, row);
    }
    Attempt& attempt = attempts_[key.attempt];
    while (!attempt.over() && attempt.next != no_row) {
      const RowId row = attempt.next;
      matcher_.step(attempt, row);
      attempt.next = following(key, row);
    }
    if (!attempt.over()) matcher_.pass(attempt, now);
    if (!attempt.over()) return;
    resolve(key, name, out);
  }
}

/// The attempt is over: writes its match, and decides where the next begins.
void KeyMatches::resolve(KeyState& key, std::string_view name, Output& out) {
  const Attempt& attempt = attempts_[key.attempt];
  if (attempt.has_found) {
    emit(key, name, attempt, attempt.found, attempt.found_at, out);
    key.begin_at = after_match(key, attempt, out);
  } else {
    emit_timeout(key, name, attempt, out);
    leave(key, attempt.start, out);
    key.begin_at = following(key, attempt.start);
  }
  remove_first(key);
}

/// Where the next attempt begins after a match.
RowId KeyMatches::after_match(const KeyState& key, const Attempt& attempt, Output& out) {
  const History& history = matcher_.history();
  if (attempt.found == no_node || query_.skip == Skip::next_row) return following(key, attempt.start);
  const RowId last = history[attempt.found].row;
  if (query_.skip == Skip::past_last) return following(key, last);
  RowId target = no_row;
  for (NodeId at = attempt.found; at != no_node; at = history[at].parent) {
    if (((query_.skip_to >> history[at].label) & 1U) == 0) continue;
    target = history[at].row;
    if (query_.skip == Skip::to_last) break;
  }
  if (target != no_row && target != attempt.start) return target;
  if (++unskippable_ == 1)
    out.messages.push_back({target == no_row
                                ? "a match without a record of the variable to skip to: the search goes on at the "
                                  "record after its first"
                                : "the variable to skip to has the first record of the match: the search goes on at "
                                  "the record after it"});
  return following(key, attempt.start);
}

void KeyMatches::emit(KeyState& key, std::string_view name, const Attempt& attempt, NodeId last, Time end,
                      Output& out) {
  Match match{name, attempt.start, last, end, ++key.matches, false};
  if (last != no_node) key.covered = std::max(key.covered, rows_[matcher_.history()[last].row].number + 1);
  writer_.write(match, matcher_.history(), out);
}

void KeyMatches::emit_timeout(KeyState& key, std::string_view name, const Attempt& attempt, Output& out) {
  if (timeouts_ == Timeouts::leave_out || !attempt.expired || attempt.partial == no_node) return;
  writer_.write({name, attempt.start, attempt.partial, attempt.found_at, key.matches, true}, matcher_.history(), out);
}

/// The matches of Skip::none, as they are found.
void KeyMatches::emit_found(KeyState& key, std::string_view name, const Attempt& attempt, Output& out) {
  if (matcher_.found().empty()) return;
  for (const Found& each : matcher_.found()) emit(key, name, attempt, each.node, each.at, out);
  matcher_.forget_found();
}

/// A record with which no match begins; it may belong to one that began before it.
void KeyMatches::leave(KeyState& key, RowId row, Output& out) {
  if (query_.others != Others::unmatched || rows_[row].number < key.covered) return;
  writer_.write_unmatched(row, out);
}

/// Gives back the records that nothing needs any more.
void KeyMatches::trim(KeyState& key) {
  RowId needed = key.begin_at;
  if (key.attempt != no_attempt) needed = attempts_[key.attempt].start;
  if (needed == no_row) needed = key.unread;
  const std::uint64_t from = needed == no_row ? key.number : rows_[needed].number;
  while (key.first != no_row && key.first != needed && rows_[key.first].number + query_.looks_back < from) {
    rows_.remove(rows_.take_first(key.first, key.last));
    --key.rows;
  }
}

/// Forgets all that is under way for a key, whose records are too many.
void KeyMatches::give_up(KeyState& key, Output& out) {
  if (given_up_ == 0)
    out.messages.push_back(
        {fmt::format("a partial match of a key needs more than {} records, the most that --max-records "
                     "allows: given up; raise it, or use a shorter within",
                     max_records_),
         Weight::lost});
  given_up_ += std::max<std::uint64_t>(key.attempts, 1);
  drop_read(key);
}

/// Drops the attempts of a key, and all of its records that the matcher has had.
void KeyMatches::drop_read(KeyState& key) {
  while (key.attempt != no_attempt) remove_first(key);
  key.begin_at = key.unread;
  for (RowId row = key.first; row != no_row && row != key.unread;) {
    const RowId gone = row;
    row = rows_[row].after;
    rows_.remove(gone);
    --key.rows;
    key.first = row;
  }
  if (key.first == no_row)
    key.last = no_row;
  else
    rows_[key.first].before = no_row;
}

void KeyMatches::forget(KeyState& key) {
  given_up_ += key.attempts;
  key.unread = no_row;
  key.unread_rows = 0;
  drop_read(key);
}

void KeyMatches::pass(KeyState& key, std::string_view name, Time now, Output& out) {
  if (key.attempt == no_attempt) return;
  if (key.unread != no_row) now = std::min(now, rows_[key.unread].time);
  if (side_by_side()) {
    for (std::uint32_t at = key.attempt; at != no_attempt; at = attempts_[at].later) {
      matcher_.pass(attempts_[at], now);
      emit_found(key, name, attempts_[at], out);
    }
    settle(key, name, out);
  } else {
    search(key, name, now, out);
  }
  trim(key);
}

void KeyMatches::finish(KeyState& key, std::string_view name, Output& out) {
  while (key.unread != no_row) {
    const RowId row = key.unread;
    key.unread = rows_[row].after;
    --key.unread_rows;
    read(key, name, row, out);
  }
  if (side_by_side()) {
    for (std::uint32_t at = key.attempt; at != no_attempt; at = attempts_[at].later) {
      matcher_.finish(attempts_[at]);
      emit_found(key, name, attempts_[at], out);
    }
    settle(key, name, out);
  }
  while (key.attempt != no_attempt) {
    matcher_.finish(attempts_[key.attempt]);
    resolve(key, name, out);
    search(key, name, Time::min(), out);
  }
  trim(key);
}

Time KeyMatches::deadline(const KeyState& key) const {
  Time earliest = Time::max();
  for (std::uint32_t at = key.attempt; at != no_attempt; at = attempts_[at].later)
    earliest = std::min(earliest, attempts_[at].deadline);
  // Records that wait for those to come (NEXT) are taken first.
  const bool after_unread = key.unread != no_row && earliest >= rows_[key.unread].time;
  return after_unread ? Time::max() : earliest;
}

Time KeyMatches::start(const KeyState& key) const {
  if (key.attempt != no_attempt) return rows_[attempts_[key.attempt].start].time;
  return key.unread == no_row ? Time::max() : rows_[key.unread].time;
}

}  // namespace weir::cep_match
