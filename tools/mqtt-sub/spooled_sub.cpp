#include "spooled_sub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/stage_folder.hpp"

namespace weir::mqtt_sub {
namespace {

constexpr std::uint64_t read_batch = 1024;
constexpr std::size_t block = 64 * 1024;
/// How often a full spool is looked at: what the sink commits does not wake us.
constexpr WaitLimit full_interval{100};
constexpr std::string_view subscribed_word = "subscribed\n";

/// What a message is known by among those that were stored.
std::uint64_t hash_of(const mqtt::Message& message) {
  const std::hash<std::string_view> hash;
  return hash(message.topic) * 0x9e3779b97f4a7c15U + hash(message.payload);
}

}  // namespace

SpooledSub::SpooledSub(SubscribeSettings settings, mqtt::Settings broker, state::SpoolLimits limits, Log& log, Now now)
    : settings_(std::move(settings)),
      broker_(std::move(broker)),
      limits_(limits),
      log_(log),
      now_(std::move(now)),
      shaper_(settings_.shape) {}

void SpooledSub::open_state(const std::string& folder) {
  spool_.emplace(folder + "/spool", limits_);
  session_file_ = folder + "/session";
  const std::string kept = state::read_file(session_file_).value_or("");
  const std::string id = kept.substr(0, kept.find('\n'));
  if (broker_.client_id.empty()) broker_.client_id = id.empty() ? "weir-" + state::new_run().substr(0, 16) : id;
  subscribed_ = kept == broker_.client_id + '\n' + std::string(subscribed_word);
  if (id != broker_.client_id) keep_session();
  look_back();
  client_.emplace(broker_, static_cast<mqtt::Handler&>(*this), log_);
  client_->subscribe(settings_.filters, settings_.qos, subscribed_ ? mqtt::Subscribed::yes : mqtt::Subscribed::no);
}

void SpooledSub::keep_session() const {
  state::write_file(session_file_, broker_.client_id + '\n' + std::string(subscribed_ ? subscribed_word : ""));
}

/// The last messages stored, by which those that come again are known.
void SpooledSub::look_back() {
  spool_->seek({std::max(spool_->first().segment, spool_->end().segment - 1), 0});
  while (const auto line = spool_->next()) {
    if (*line == new_session_line) {
      redelivery_.new_session();
      early_retained_.clear();
    } else if (stored_.read(*line)) {
      remember(stored_.message(), hash_of(stored_.message()));
    }
  }
  spool_->seek(spool_->first());
}

void SpooledSub::remember(const mqtt::Message& message, std::uint64_t hash) {
  if (message.qos != mqtt::Qos::at_most_once) redelivery_.stored(message.id, hash);
  if (!subscribed_ && message.retained) early_retained_.insert(hash);
}

Source::Step SpooledSub::next(Output& out) {
  if (!std::exchange(restored_, true) && spool_->first().segment > 1)
    throw state::Unusable("messages that an earlier run committed are gone, and the sink of this one has none of them");
  if (complete()) return Step::end;
  if (spool_->place() == spool_->end()) receive();
  const std::size_t before = out.lines.size();
  const std::uint64_t messages_before = messages_;
  const std::uint64_t written_before = written_;
  while (!complete() && out.lines.size() - before < block && written_ - written_before < out.wanted) {
    const auto line = spool_->next();
    if (!line) break;
    make_record(*line, out);
  }
  return messages_ > messages_before ? Step::more : Step::idle;
}

void SpooledSub::receive() {
  if (spool_->full()) {
    if (!std::exchange(full_reported_, true))
      log_.warn("the spool is full: the broker waits until the sink has committed some of it (--spool-limit)");
    return;
  }
  more_ = client_->read(read_batch);
  store();
}

void SpooledSub::store() {
  if (spool_->all_synced()) return;
  spool_->sync();
  client_->flush();
}

void SpooledSub::make_record(std::string_view line, Output& out) {
  if (line == new_session_line) return;
  if (!stored_.read(line)) throw state::Unusable("the spool has a line that is no message");
  ++messages_;
  const Verdict verdict = shaper_.write(stored_.message(), stored_.received(), out.lines);
  if (verdict.rejected()) {
    rejects_->reject(messages_, stored_.message().payload, verdict.reason());
  } else {
    ++written_;
  }
}

void SpooledSub::wait(std::span<pollfd> also, WaitLimit limit) {
  store();  // the client writes acknowledgements while it waits
  if (spool_->full()) {
    wait_for(also, limit < WaitLimit::zero() ? full_interval : std::min(limit, full_interval));
    return;
  }
  // What TLS has decrypted already does not show at the socket.
  if (more_ || spool_->place() != spool_->end()) limit = WaitLimit::zero();
  client_->wait(also, limit);
}

void SpooledSub::snapshot(SnapshotWriter& to) {
  places_.push_back(spool_->place());
  places_.back().snapshot(to);
  to.number(messages_);
  to.number(written_);
}

void SpooledSub::restore(SnapshotReader& from) {
  const auto place = state::SpoolPlace::restored(from);
  messages_ = from.number<std::uint64_t>();
  written_ = from.number<std::uint64_t>();
  spool_->seek(place);
  spool_->forget(place);
  restored_ = true;
}

void SpooledSub::committed(std::uint64_t snapshots) {
  for (; snapshots > 1 && places_.size() > 1; --snapshots) places_.pop_front();
  if (places_.empty()) return;
  spool_->forget(places_.front());
  places_.pop_front();
}

void SpooledSub::on_connected(mqtt::SessionFound session) {
  if (session == mqtt::SessionFound::yes) return redelivery_.connected();
  if (std::exchange(subscribed_, false))
    log_.warn(fmt::format("the broker has no session of '{}' any more: what came while nobody listened is lost",
                          broker_.client_id));
  spool_->append(new_session_line);
  redelivery_.new_session();
  early_retained_.clear();
}

void SpooledSub::on_subscribed() {
  if (std::exchange(subscribed_, true)) return;
  keep_session();
  early_retained_.clear();
}

void SpooledSub::on_message(const mqtt::Message& message) {
  if (message.retained && settings_.retained == Retained::left_out) return;
  const std::uint64_t hash = hash_of(message);
  if (message.qos == mqtt::Qos::at_most_once) {
    if (!message.retained && !std::exchange(qos0_reported_, true))
      log_.warn(
          fmt::format("messages at QoS 0 come (to {}): those on their way at a crash, or that come while nobody "
                      "listens, are lost",
                      message.topic));
  } else if (redelivery_.comes_again(message.id, hash)) {
    return;
  }
  if (!subscribed_ && message.retained && early_retained_.contains(hash)) return;
  remember(message, hash);
  line_.clear();
  append_message_line(line_, message, now_());
  spool_->append(line_);
}

void SpooledSub::farewell() {
  if (!client_) return;
  store();
  client_->disconnect();
}

}  // namespace weir::mqtt_sub
