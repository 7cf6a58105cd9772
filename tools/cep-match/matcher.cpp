#include "matcher.hpp"

#include <algorithm>

#include "time/saturating.hpp"

namespace weir::cep_match {
namespace {

/// The memory of so many threads is kept for a list that is shorter.
constexpr std::size_t usual_threads = 16;

}  // namespace

Matcher::Matcher(const Program& program, Conditions& conditions, RowStore& rows, TargetReader& reader, Wanted wanted,
                 std::uint64_t max_threads, std::uint64_t max_held)
    : program_(program),
      conditions_(conditions),
      rows_(rows),
      reader_(reader),
      wanted_(wanted),
      max_threads_(max_threads),
      max_held_(max_held),
      history_(conditions.slots(), conditions.sums()),
      heads_(program.code.size()),
      visited_(program.code.size()) {}

void Matcher::begin(Attempt& attempt, RowId start) {
  ++attempts_;
  attempt.start = attempt.next = start;
  const Row& row = rows_[start];
  // A forbidden record came too shortly before.
  if (program_.absent_before != 0 && row.absent_seen != Time::min() &&
      saturating_distance(row.absent_seen, row.time) <= program_.before)
    return;
  now_ = row.time;
  start_list();
  expand(attempt, 0, no_node, ++groups_);
  finish_list(attempt);
}

void Matcher::clear(Attempt& attempt) {
  --attempts_;
  drop(attempt.threads);
  if (attempt.threads.capacity() > usual_threads) std::vector<Thread>().swap(attempt.threads);
  history_.release(attempt.found);
  history_.release(attempt.partial);
  attempt.found = attempt.partial = no_node;
  attempt.has_found = attempt.expired = false;
  attempt.deadline = Time::max();
}

void Matcher::drop(std::vector<Thread>& threads) {
  for (const Thread& thread : threads) history_.release(thread.node);
  threads_ -= threads.size();
  threads.clear();
}

void Matcher::forget_found() {
  for (const Found& each : found_) history_.release(each.node);
  found_.clear();
}

void Matcher::start_list() {
  for (const std::uint32_t at : touched_) heads_[at] = 0;
  touched_.clear();
  list_.clear();
}

/// Makes the list that of the attempt.
void Matcher::finish_list(Attempt& attempt) {
  drop(attempt.threads);
  if (list_.capacity() <= std::max(usual_threads, 2 * list_.size())) {
    attempt.threads.swap(list_);
  } else {
    // The long list stays here: swapped from attempt to attempt, each would come to have one.
    std::vector<Thread>(list_).swap(attempt.threads);
    list_.clear();
  }
  set_deadline(attempt);
}

/// Whether two threads at the same instructions have the same matches before them.
bool Matcher::same_future(NodeId a, NodeId b) const {
  if (!history_.alike(a, b)) return false;
  // Where a time counts from the last record, and records may be passed over, it must be the same one.
  const bool timed = program_.has_then && (program_.gap || program_.waits);
  return a == b || !timed || history_[a].row == history_[b].row;
}

bool Matcher::is_known(std::uint32_t at, NodeId node) const {
  for (std::uint32_t i = heads_[at]; i != 0; i = list_[i - 1].alike)
    if (same_future(list_[i - 1].node, node)) return true;
  return false;
}

void Matcher::add(std::uint32_t at, NodeId node, std::uint32_t group) {
  // Without steps that pass over records each thread stands for itself.
  const bool alone = !program_.has_then && wanted_ == Wanted::preferred;
  if (alone && is_known(at, node)) return;
  if (list_.size() >= max_threads_ || !has_room(list_.size())) {
    ++dropped_;
    return;
  }
  history_.hold(node);
  ++threads_;
  list_.push_back({at, node, group, alone ? heads_[at] : 0});
  if (!alone) return;
  heads_[at] = static_cast<std::uint32_t>(list_.size());
  touched_.push_back(at);
}

/// Drops the group that begins at `begin` where an earlier one waits for the same with the same past.
void Matcher::end_group(std::size_t begin) {
  if (!program_.has_then || wanted_ == Wanted::all || begin == list_.size()) return;
  const std::uint32_t at = list_[begin].at;
  const std::size_t size = list_.size() - begin;
  for (std::uint32_t i = heads_[at]; i != 0; i = list_[i - 1].alike) {
    const std::size_t other = i - 1;
    bool same = other + size <= begin && same_future(list_[other].node, list_[begin].node);
    for (std::size_t k = 0; same && k < size; ++k)
      same = list_[other + k].at == list_[begin + k].at && list_[other + k].group == list_[other].group;
    same = same && list_[other + size - 1 + 1].group != list_[other].group;
    if (!same) continue;
    for (std::size_t k = begin; k < list_.size(); ++k) history_.release(list_[k].node);
    threads_ -= size;
    list_.resize(begin);
    return;
  }
  list_[begin].alike = heads_[at];
  heads_[at] = static_cast<std::uint32_t>(begin + 1);
  touched_.push_back(at);
}

void Matcher::accept(Attempt& attempt, NodeId node) {
  history_.hold(node);
  if (wanted_ == Wanted::all) {
    attempt.has_found = true;
    found_.push_back({node, now_});
    return;
  }
  history_.release(attempt.found);
  attempt.found = node;
  attempt.found_at = now_;
  attempt.has_found = true;
}

/// Follows the program from an instruction to those that wait for a record. Yes: the whole pattern has matched, and
/// what is less preferred has no chance.
Matcher::Accepted Matcher::expand(Attempt& attempt, std::uint32_t at, NodeId node, std::uint32_t group) {
  ++expansion_;
  open_.assign(1, at);
  while (!open_.empty()) {
    const std::uint32_t here = open_.back();
    open_.pop_back();
    ++steps_;
    const Instruction& each = program_.code[here];
    if (visited_[here] == expansion_) {
      // A round without a record is the last. The way back to its loop may have been gone before.
      if (each.op == Op::loop) open_.push_back(each.exit);
      if (each.op == Op::jump) open_.push_back(each.x);
      continue;
    }
    visited_[here] = expansion_;
    switch (each.op) {
      case Op::split:
      case Op::loop:
        open_.push_back(each.y);
        open_.push_back(each.x);
        break;
      case Op::jump:
        open_.push_back(each.x);
        break;
      case Op::start:
        if (node == no_node && rows_[attempt.start].number == 0) open_.push_back(here + 1);
        break;
      case Op::accept:
        accept(attempt, node);
        if (wanted_ == Wanted::preferred) return Accepted::yes;
        break;
      default:
        // Nothing comes any more: the end is here, and what is absent stays so.
        if (ended_ && each.op != Op::label)
          open_.push_back(here + 1);
        else
          add(here, node, group);
    }
  }
  return Accepted::no;
}

/// A chain with the record as one of `label`; no_node where its condition does not hold.
NodeId Matcher::take(RowId row, NodeId node, std::uint32_t label, bool excluded) {
  ++steps_;
  if (((rows_[row].fits >> label) & 1U) == 0) return no_node;
  const NodeId made = history_.append(node, row, label, excluded);
  conditions_.update(history_, made, reader_);
  if (conditions_.depends(label) != Depends::match || conditions_.holds(history_, made, reader_)) return made;
  history_.release(made);
  return no_node;
}

bool Matcher::fits_any(Labels labels, RowId row, NodeId node) {
  labels &= rows_[row].fits;
  for (std::uint32_t label = 0; labels != 0; ++label, labels >>= 1U) {
    if ((labels & 1U) == 0) continue;
    const NodeId made = take(row, node, label, false);
    history_.release(made);
    if (made != no_node) return true;
  }
  return false;
}

/// Resolves what the next record decides alone: that it is none of some, and that the key has not ended.
void Matcher::look_ahead(Attempt& attempt, RowId row) {
  for (bool again = true; again;) {
    again = false;
    start_list();
    for (std::size_t i = 0; i < attempt.threads.size(); ++i) {
      const Thread thread = attempt.threads[i];
      const Instruction& each = program_.code[thread.at];
      if (each.op == Op::end) continue;
      if (each.op != Op::not_next) {
        keep(thread);
        continue;
      }
      if (fits_any(each.absent, row, thread.node)) continue;
      again = true;
      now_ = time_of(thread.node, attempt);  // the record decides, but is no part of the match
      if (expand(attempt, thread.at + 1, thread.node, thread.group) == Accepted::yes) break;
    }
    drop(attempt.threads);
    attempt.threads.swap(list_);
  }
}

void Matcher::step(Attempt& attempt, RowId row) {
  const Row& taken = rows_[row];
  if (taken.time > attempt.deadline) pass(attempt, taken.time);
  if (attempt.over()) return;
  if (program_.looks_ahead) look_ahead(attempt, row);
  now_ = taken.time;
  start_list();
  const std::vector<Thread>& threads = attempt.threads;
  for (std::size_t begin = 0, end = 0; begin < threads.size(); begin = end) {
    while (end < threads.size() && threads[end].group == threads[begin].group) ++end;
    if (!step_group(attempt, begin, end, row)) break;
  }
  finish_list(attempt);
}

/// The threads of a group take a record, or all that may pass over it. False: the whole pattern has matched.
bool Matcher::step_group(Attempt& attempt, std::size_t begin, std::size_t end, RowId row) {
  taken_.assign(end - begin, no_node);
  bool taken = false;
  for (std::size_t i = begin; i < end; ++i) {
    const Thread& thread = attempt.threads[i];
    const Instruction& each = program_.code[thread.at];
    if (each.op != Op::label) continue;
    const bool late = each.link == Link::next && thread.node != no_node &&
                      rows_[row].number != rows_[history_[thread.node].row].number + 1;
    if (late) continue;
    taken_[i - begin] = take(row, thread.node, each.label, each.excluded);
    taken = taken || taken_[i - begin] != no_node;
  }
  bool goes_on = true;
  const std::size_t kept_from = list_.size();
  std::size_t kept = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const Thread thread = attempt.threads[i];
    const Instruction& each = program_.code[thread.at];
    if (const NodeId node = taken_[i - begin]; node != no_node) {
      if (goes_on) {
        const std::size_t first = list_.size();
        goes_on = expand(attempt, thread.at + 1, node, ++groups_) == Accepted::no;
        end_group(first);
      }
      history_.release(node);
      continue;
    }
    if (!goes_on) continue;
    const bool waits = each.op == Op::absence || (each.op == Op::label && each.link == Link::then && !taken);
    if (!waits || (thread.node == no_node && each.op == Op::label)) continue;
    if (each.absent != 0 && fits_any(each.absent, row, thread.node)) continue;
    keep(thread);
    ++kept;
  }
  if (kept > 0 && kept == list_.size() - kept_from) end_group(kept_from);
  return goes_on;
}

}  // namespace weir::cep_match
