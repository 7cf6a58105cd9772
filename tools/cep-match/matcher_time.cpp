// What happens to an attempt as time passes, and at the end of its key.
#include <algorithm>

#include "matcher.hpp"
#include "time/saturating.hpp"

namespace weir::cep_match {

Time Matcher::time_of(NodeId node, const Attempt& attempt) const {
  return rows_[node == no_node ? attempt.start : history_[node].row].time;
}

/// The end of the attempt's window.
Time Matcher::limit(const Attempt& attempt) const {
  return program_.within ? saturating_add(rows_[attempt.start].time, *program_.within) : Time::max();
}

/// When a thread has waited long enough: an absence is then a fact, and any other thread fails.
Time Matcher::due(const Thread& thread, const Attempt& attempt) const {
  const Instruction& each = program_.code[thread.at];
  if (each.op == Op::end) return Time::max();
  const Time last = time_of(thread.node, attempt);
  if (each.op == Op::absence && each.duration) return saturating_add(last, *each.duration);
  return program_.gap ? saturating_add(last, *program_.gap) : Time::max();
}

void Matcher::set_deadline(Attempt& attempt) const {
  // A thread that waits for the end of the key takes no further record.
  const auto waits_for_end = [this](const Thread& thread) { return program_.code[thread.at].op == Op::end; };
  const bool timeless =
      program_.looks_ahead && std::all_of(attempt.threads.begin(), attempt.threads.end(), waits_for_end);
  attempt.deadline = timeless ? Time::max() : limit(attempt);
  if (!program_.gap && !program_.waits) return;
  for (const Thread& thread : attempt.threads) attempt.deadline = std::min(attempt.deadline, due(thread, attempt));
}

bool Matcher::is_ripe(const Thread& thread, const Attempt& attempt, Time at) const {
  const Instruction& each = program_.code[thread.at];
  if (each.op == Op::not_next) return at >= limit(attempt) || at >= due(thread, attempt);
  if (each.op != Op::absence) return false;
  return each.duration ? at >= due(thread, attempt) : at >= limit(attempt);
}

void Matcher::pass(Attempt& attempt, Time now) {
  while (!attempt.over() && attempt.deadline < now) {
    const Time at = attempt.deadline;
    now_ = at;
    if (attempt.partial == no_node && !attempt.has_found) {
      attempt.partial = attempt.threads.front().node;
      history_.hold(attempt.partial);
    }
    start_list();
    const bool ended = at >= limit(attempt);
    for (std::size_t i = 0; i < attempt.threads.size(); ++i) {
      const Thread thread = attempt.threads[i];
      if (is_ripe(thread, attempt, at)) {
        if (expand(attempt, thread.at + 1, thread.node, thread.group) == Accepted::yes) break;
      } else if (program_.code[thread.at].op == Op::end || (!ended && due(thread, attempt) > at)) {
        keep(thread);
      }
    }
    // After the window has ended, only the absences that follow at once can still hold.
    if (ended)
      threads_ -= std::erase_if(list_, [&](const Thread& thread) {
        const bool dead = !is_ripe(thread, attempt, at) && program_.code[thread.at].op != Op::end;
        if (dead) history_.release(thread.node);
        return dead;
      });
    finish_list(attempt);
    if (attempt.over()) {
      attempt.expired = true;
      if (!attempt.has_found) attempt.found_at = at;
    }
    if (!attempt.over() && attempt.deadline > at) {
      history_.release(attempt.partial);
      attempt.partial = no_node;
    }
  }
}

void Matcher::finish(Attempt& attempt) {
  pass(attempt, Time::max());
  if (attempt.over()) return;
  history_.release(attempt.partial);
  attempt.partial = attempt.threads.front().node;
  history_.hold(attempt.partial);
  if (!attempt.has_found) attempt.found_at = time_of(attempt.partial, attempt);
  start_list();
  ended_ = true;
  for (std::size_t i = 0; i < attempt.threads.size(); ++i) {
    const Thread thread = attempt.threads[i];
    now_ = time_of(thread.node, attempt);
    if (program_.code[thread.at].op != Op::label &&
        expand(attempt, thread.at, thread.node, thread.group) == Accepted::yes)
      break;
  }
  ended_ = false;
  drop(list_);
  drop(attempt.threads);
  attempt.expired = true;
}

}  // namespace weir::cep_match
