#include "loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "net/redis/command.hpp"
#include "server_errors.hpp"

namespace weir::redis_load {

namespace {

/// Keys of a wrong type that are checked again in each batch; those beyond are found out when their command fails.
constexpr std::size_t most_wrong_keys = 100'000;

}  // namespace

using redis::append_command;
using redis::Reply;

void Loader::begin(Batch batch) {
  batch_ = std::move(batch);
  check_wrong_keys();
  checked_ = batch_.to_check.empty();
  refused_.clear();
  stored_ = 0;
  try {
    if (session_.connection().is_open()) restart();
  } catch (const redis::ConnectionLost& loss) {
    session_.report_loss(loss.what());
  }
  if (phase_ == Phase::idle) phase_ = Phase::look;
  pump();
}

/// Lets the keys be checked again that were wrong in earlier batches and that this one uses.
void Loader::check_wrong_keys() {
  if (wrong_keys_.empty()) return;
  std::unordered_set<std::uint64_t> listed;
  for (const KeyToCheck& each : batch_.to_check) listed.insert(each.id);
  for (const std::uint64_t id : batch_.uses)
    if (const auto found = wrong_keys_.find(id); found != wrong_keys_.end() && listed.insert(id).second)
      batch_.to_check.push_back(found->second);
}

/// Begins the batch again from what is known of it.
void Loader::restart() {
  if (!checked_)
    start(Phase::check);
  else
    start(batch_.epoch > 0 ? Phase::look : loading_phase());
}

Loader::Phase Loader::loading_phase() const {
  const auto is_single = [](const Entry& entry) { return entry.commands == 1; };
  const bool alone = repeatable_ && batch_.epoch == 0;
  return alone && std::all_of(batch_.entries.begin(), batch_.entries.end(), is_single) ? Phase::pipeline : Phase::load;
}

/// Appends the commands of the records that are taken: runs of them, each copied in one piece.
void Loader::append_entries(std::size_t from) {
  const char* begin = nullptr;
  std::size_t size = 0;
  for (std::size_t at = from; at < batch_.entries.size(); ++at) {
    const Entry& entry = batch_.entries[at];
    if (entry.refused) continue;
    const std::string_view text = batch_.text_of(entry);
    if (begin != nullptr && begin + size != text.data()) {
      out_.append(begin, size);
      begin = nullptr;
    }
    if (begin == nullptr) begin = text.data(), size = 0;
    size += text.size();
    due_ += entry.commands;
  }
  if (begin != nullptr) out_.append(begin, size);
}

void Loader::start(Phase phase) {
  phase_ = phase;
  came_ = due_ = 0;
  out_.clear();
  first_error_ = {};
  switch (phase) {
    case Phase::check:
      wrong_.clear();
      for (const KeyToCheck& each : batch_.to_check) append_command(out_, {"TYPE", each.key});
      due_ = batch_.to_check.size();
      break;
    case Phase::look:
      epoch_key_.append_look(out_);
      due_ = 2;
      break;
    case Phase::load:
      append_command(out_, {"MULTI"});
      due_ = 2;
      if (commands_.uses_script()) {
        append_command(out_, {"SCRIPT", "LOAD", stats_script});
        ++due_;
      }
      append_entries(0);
      if (batch_.epoch > 0) {
        epoch_key_.append_set(out_, batch_.epoch);
        ++due_;
      }
      append_command(out_, {"EXEC"});
      break;
    case Phase::pipeline:
      append_entries(stored_);
      break;
    case Phase::replicate:
      // A new connection has written nothing that WAIT could wait for.
      if (batch_.epoch > 0) {
        epoch_key_.append_set(out_, batch_.epoch);
        ++due_;
      }
      append_command(out_, {"WAIT", std::to_string(replicas_), "1000"});
      ++due_;
      break;
    case Phase::idle:
      return;
  }
  session_.connection().send(out_);
  session_.connection().pump();
}

void Loader::pump() {
  while (busy()) {
    try {
      if (!session_.connection().is_open()) {
        session_.connect();
        restart();
      }
      session_.connection().pump();
      while (busy()) {
        const auto reply = session_.connection().next_reply();
        if (!reply) return;
        on_reply(*reply);
      }
    } catch (const redis::ConnectionLost& loss) {
      session_.report_loss(loss.what());
    }
  }
}

void Loader::settle() {
  while (busy()) {
    pump();
    if (!busy()) return;
    try {
      on_reply(session_.connection().wait_reply());
    } catch (const redis::ConnectionLost& loss) {
      session_.report_loss(loss.what());
    }
  }
}

void Loader::on_reply(const Reply& reply) {
  ++came_;
  const bool last = came_ == due_;
  switch (phase_) {
    case Phase::check:
      return on_checked(reply);
    case Phase::look:
      if (reply.is_error() && first_error_.text.empty()) first_error_ = reply;
      if (!last) return;
      if (first_error_.is_error()) return on_error(first_error_);
      if (!epoch_key_.is_committed(reply, batch_.epoch)) return start(Phase::load);
      return replicas_ > 0 ? start(Phase::replicate) : finish();
    case Phase::load:
      if (!last) {
        if (reply.is_error() && first_error_.text.empty()) first_error_ = reply;
        return;
      }
      if (first_error_.is_error()) return on_error(first_error_);
      if (reply.is_error()) return on_error(reply);
      // Nothing: the key of the epoch was set by another meanwhile.
      if (reply.kind == Reply::Kind::nil) return restart();
      return on_loaded(reply);
    case Phase::pipeline:
      return on_stored(reply);
    case Phase::replicate:
      if (reply.is_error()) return on_error(reply);
      if (!last) return;
      if (static_cast<std::uint64_t>(reply.integer) >= replicas_) return finish();
      if (!waits_reported_)
        host_.log().warn(fmt::format("{} of {} replicas have the records; waiting", reply.integer, replicas_));
      waits_reported_ = true;
      return start(Phase::replicate);
    case Phase::idle:
      return;
  }
}

void Loader::on_checked(const Reply& reply) {
  const KeyToCheck& key = batch_.to_check[came_ - 1];
  if (reply.is_error() && first_error_.text.empty()) first_error_ = reply;
  if (!reply.is_error()) {
    if (reply.text == key.type || reply.text == "none") {
      wrong_keys_.erase(key.id);
    } else {
      wrong_.emplace(key.id,
                     fmt::format("the key {} is a {} and the command needs a {}", key.key, reply.text, key.type));
      if (wrong_keys_.size() < most_wrong_keys) wrong_keys_.emplace(key.id, key);
    }
  }
  if (came_ < due_) return;
  if (first_error_.is_error()) return on_error(first_error_);
  finish_check();
}

void Loader::finish_check() {
  if (!wrong_.empty()) {
    for (Entry& entry : batch_.entries) {
      for (std::size_t use = 0; use < entry.use_count && !entry.refused; ++use)
        if (const auto found = wrong_.find(batch_.uses[entry.uses + use]); found != wrong_.end())
          refuse(entry, found->second);
    }
    host_.refuse(refused_);
  }
  checked_ = true;
  restart();
}

/// The batch was applied. A record whose command failed on its own is refused; its other commands were carried out.
void Loader::on_loaded(const Reply& exec) {
  std::size_t at = commands_.uses_script() ? 1 : 0;
  const std::size_t before = refused_.size();
  for (Entry& entry : batch_.entries) {
    if (entry.refused) continue;
    for (std::size_t command = 0; command < entry.commands; ++command, ++at) {
      if (at >= exec.elements.size()) throw std::runtime_error("the server left commands without a reply");
      const Reply& reply = exec.elements[at];
      if (!reply.is_error() || entry.refused) continue;
      if (answer_to(reply.code(), true) == Answer::end) throw std::runtime_error(explained(reply.code(), reply.text));
      refuse(entry, reply.text);
    }
    if (!entry.refused) ++loaded_;
  }
  if (batch_.epoch > 0 && at < exec.elements.size() && exec.elements[at].is_error())
    throw std::runtime_error(fmt::format("{}: the epoch could not be set: {}; another program has changed this key",
                                         epoch_key_.name(), exec.elements[at].text));
  if (batch_.epoch > 0 && refused_.size() > before) host_.refuse(refused_);
  if (replicas_ > 0) return start(Phase::replicate);
  finish();
}

/// A record was stored, or refused on its own. After an error that passes, the replies to all later records are waited
/// for, and these are sent again with it: in their order, a key has the value of its last record.
void Loader::on_stored(const Reply& reply) {
  if (first_error_.is_error()) {
    // Sent again after that one.
  } else if (!reply.is_error()) {
    ++stored_;
    ++loaded_;
  } else {
    switch (answer_alone(reply.code(), reply.text)) {
      case Answer::end:
        throw std::runtime_error(explained(reply.code(), reply.text));
      case Answer::reject:
        refuse(batch_.entries[stored_++], reply.text);
        break;
      case Answer::retry:
      case Answer::reconnect:
        first_error_ = reply;
        break;
    }
  }
  if (came_ < due_) return;
  if (first_error_.is_error()) return on_error(first_error_);
  finish();
}

void Loader::refuse(Entry& entry, const std::string& reason) {
  entry.refused = true;
  if (batch_.epoch > 0)
    refused_.push_back({entry.line, std::string(batch_.raw_of(entry)), reason});
  else
    host_.reject(entry.line, batch_.raw_of(entry), reason);
}

/// The server did nothing of what the phase asked for.
void Loader::on_error(const Reply& error) {
  const Answer answer = answer_to(error.code(), false);
  if (answer == Answer::end) throw std::runtime_error(explained(error.code(), error.text));
  if (answer == Answer::reconnect) session_.connection().close();
  session_.report_retry(error.text);
  session_.pause();
  if (session_.connection().is_open()) restart();
}

void Loader::finish() {
  session_.is_well();
  waits_reported_ = false;
  phase_ = Phase::idle;
  batch_ = {};
}

void Loader::await_replicas() {
  while (replicas_ > 0) {
    const Reply reply = session_.call({"WAIT", std::to_string(replicas_), "1000"});
    if (static_cast<std::uint64_t>(reply.integer) >= replicas_) return;
    if (!waits_reported_)
      host_.log().warn(fmt::format("{} of {} replicas have the records; waiting", reply.integer, replicas_));
    waits_reported_ = true;
  }
}

}  // namespace weir::redis_load
