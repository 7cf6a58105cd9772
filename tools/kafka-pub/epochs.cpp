// What kafka-pub does with checkpoints: an epoch is a transaction.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "kafka_pub.hpp"
#include "lost_transactions.hpp"
#include "net/kafka/epoch_marker.hpp"

namespace weir::kafka_pub {
namespace {

/// Bytes of an epoch that are gathered before any is sent: a transaction that is open for long keeps back the readers
/// of the other producers of its partitions.
constexpr std::uint64_t early_bytes = 1 << 20;
/// Bytes of an epoch that may wait for the brokers while it is sent: no more is read before they have taken some, so
/// that the epoch ends soon after its barrier.
constexpr std::uint64_t most_waiting = 4 << 20;
/// The part of the brokers' time limit for which a transaction may be open before its barrier.
constexpr int early_share = 4;
}  // namespace

std::uint64_t KafkaPub::fence(const PipelineRun& run) {
  const auto meanwhile = [&] { host_->check_stop(); };
  kafka::EpochMarkers markers(settings_.producer.connection, settings_.epochs_topic, host_->log(), meanwhile);
  markers.make_topic();
  while (!producer_->take_over(slice * 10)) meanwhile();
  if (fixed_topic_) topics_->note(*fixed_topic_);
  if (letters_.wanted()) topics_->note(letters_.topic());
  topics_->note(settings_.epochs_topic);
  while (!prepare_new_topics()) {
    producer_->wait({}, slice);
    meanwhile();
  }
  if (fixed_topic_) partitions_ = producer_->prepare(*fixed_topic_).partitions;
  return markers.last_epoch(run.pipe);
}

/// Before the first transaction with new topics: those that are missing are found out, for a message to one would end
/// every transaction, and what an earlier run has lost is ended in the others. Returns false while they are looked for.
bool KafkaPub::prepare_new_topics() {
  if (!topics_->look(*producer_)) return false;
  end_lost_transactions(topics_->take_new());
  return true;
}

void KafkaPub::end_lost_transactions(std::span<const std::string> topics) {
  if (topics.empty()) return;
  kafka_pub::end_lost_transactions(*producer_, settings_.producer.connection, topics, host_->pipeline()->pipe,
                                   filler_number, host_->log(), [this] { host_->check_stop(); });
}

/// Looks again for a topic that was missing. Returns why it cannot be sent to, or null.
const std::string* KafkaPub::look_again(const std::string& topic) {
  if (topics_->problem_of(topic) == nullptr) return nullptr;
  topics_->look_again(*producer_, topic);
  if (topics_->problem_of(topic) == nullptr) end_lost_transactions({&topic, 1});
  return topics_->problem_of(topic);
}

/// Refuses the epoch's messages to topics that are missing.
void KafkaPub::refuse_missing() {
  std::unordered_set<std::string> asked;
  for (std::size_t i = 0; i < sending_.size() && topics_->any_missing(); ++i) {
    const std::string& topic = *sending_.message(i).topic;
    const std::string* problem = topics_->problem_of(topic);
    if (problem != nullptr && asked.insert(topic).second) problem = look_again(topic);
    if (problem == nullptr) continue;
    refused_.resize(sending_.size());
    refused_[i] = fmt::format("Kafka refuses it: {}", *problem);
    has_refused_ = true;
  }
}

void KafkaPub::begin_transaction() {
  next_ = 0;
  next_partition_ = 0;
  producer_->begin_transaction();
}

void KafkaPub::forget_epoch() {
  refused_.clear();
  has_refused_ = false;
  takes_letters_ = true;
  reported_ = 0;
}

/// Of a fixed topic: to another one, transactions that an earlier run has lost must be ended before the first message.
bool KafkaPub::begins_early() const {
  return sending_.size() == 0 && gathered_.bytes() >= early_bytes && !waits_for_barrier_ && !topics_->has_new() &&
         fixed_topic_ && topics_->problem_of(*fixed_topic_) == nullptr;
}

/// An epoch that is sent as it comes may be larger than others: little of it is left to send at its barrier. It is to
/// end before its transaction has been open for too long.
std::uint64_t KafkaPub::most_held_bytes() const {
  return sends_early() && std::chrono::steady_clock::now() < large_until_ ? settings_.most_held : usual_most_held;
}

/// Whether another record may come. Where they are not sent before the barrier, what is read of the next epoch during a
/// commit has its limit here, and an epoch by itself in most_held_bytes().
bool KafkaPub::takes_more() const {
  if (sends_early()) return gathered_.bytes_unread() < most_waiting;
  return sending_.size() == 0 || gathered_.bytes() < usual_most_held;
}

/// Sends messages of the epoch that is being read. After a refusal the rest waits for the barrier.
void KafkaPub::send_early() {
  const auto now = std::chrono::steady_clock::now();
  if (phase_ == Phase::done && begins_early()) {
    forget_epoch();
    begin_transaction();
    early_until_ = now + producer_->transaction_timeout() / early_share;
    large_until_ = now + producer_->transaction_timeout() / early_share / 2;
    phase_ = Phase::early;
  }
  if (phase_ != Phase::early) return;
  if (now > early_until_) {
    producer_->abort_transaction();
    phase_ = Phase::done;
    waits_for_barrier_ = true;
  } else if (!has_refused_) {
    send_messages(gathered_);
  }
}

/// Returns false while topics are looked for.
bool KafkaPub::begin_epoch(std::uint64_t epoch) {
  if (!prepare_new_topics()) return false;
  if (epoch_ != epoch) {
    std::swap(sending_, gathered_);
    forget_epoch();
    epoch_ = epoch;
    refuse_missing();
    prepare_watermark();
  }
  if (has_refused_ && letters_.wanted()) look_again(letters_.topic());
  begin_transaction();
  phase_ = Phase::begun;
  return true;
}

/// Goes on with a transaction that has begun before the barrier.
void KafkaPub::take_early_epoch(std::uint64_t epoch) {
  std::swap(sending_, gathered_);
  epoch_ = epoch;
  prepare_watermark();
  phase_ = Phase::begun;
}

/// Makes the watermark of the epoch that ends, where it says more than the last one.
void KafkaPub::prepare_watermark() {
  watermark_text_.clear();
  if (!settings_.watermarks) return;
  if (watermark_.time <= sending_watermark_.time && watermark_.ended == sending_watermark_.ended) return;
  if (partitions_ == 0) partitions_ = producer_->prepare(*fixed_topic_).partitions;
  if (partitions_ == 0) return;  // the topic is not there yet: the next epoch has it
  sending_watermark_ = watermark_;
  sending_watermark_.from = host_->pipeline()->pipe;
  append_producer_watermark(watermark_text_, sending_watermark_);
}

/// Sends the epoch's watermark to every partition, after its messages.
KafkaPub::Sent KafkaPub::send_watermarks() {
  if (watermark_text_.empty()) return Sent::yes;
  const kafka::Header headers[] = {{"weir-watermark", sending_watermark_.from}};
  kafka::Message message;
  message.topic = &*fixed_topic_;
  message.payload = watermark_text_;
  message.headers = headers;
  message.number = watermark_number;
  for (; next_partition_ < partitions_; ++next_partition_) {
    message.partition = next_partition_;
    if (const Sent sent = producer_->send(message); sent != Sent::yes) return sent;
  }
  return Sent::yes;
}

/// Hands messages to the producer, from the first that was not sent on.
KafkaPub::Sent KafkaPub::send_messages(EpochMessages& messages) {
  const auto is_refused = [&](std::size_t index) { return index < refused_.size() && !refused_[index].empty(); };
  for (; next_ < messages.size(); ++next_) {
    const kafka::Message& message = messages.message(next_);
    if (is_refused(next_)) {
      if (const Sent sent = send_dead_letter(messages); sent != Sent::yes) return sent;
      continue;
    }
    try {
      if (const Sent sent = producer_->send(message); sent != Sent::yes) return sent;
    } catch (const std::invalid_argument& problem) {
      refused_.resize(std::max(refused_.size(), next_ + 1));
      refused_[next_] = fmt::format("Kafka cannot take it: {}", problem.what());
      has_refused_ = true;
      --next_;  // again, as a dead letter or not at all
    }
  }
  return Sent::yes;
}

/// Hands the next message, which was refused, to the producer as a dead letter.
KafkaPub::Sent KafkaPub::send_dead_letter(EpochMessages& messages) {
  if (!letters_.wanted() || !takes_letters_) return Sent::yes;
  if (const std::string* problem = topics_->problem_of(letters_.topic())) {
    letters_.report_lost(*problem, host_->log());
    return Sent::yes;
  }
  const DeadLetter letter{*messages.message(next_).topic, std::string(messages.raw(next_)), refused_[next_]};
  return letters_.send(*producer_, letter, host_->log());
}

/// Hands the epoch's messages and its marker to the producer.
KafkaPub::Sent KafkaPub::send_epoch(std::uint64_t epoch) {
  if (const Sent sent = send_messages(sending_); sent != Sent::yes) return sent;
  if (const Sent sent = send_watermarks(); sent != Sent::yes) return sent;
  const std::string value = kafka::EpochMarkers::value(epoch, host_->pipeline()->run);
  kafka::Message marker;
  marker.topic = &settings_.epochs_topic;
  marker.key = host_->pipeline()->pipe;
  marker.payload = value;
  marker.partition = kafka::EpochMarkers::partition;
  marker.number = marker_number;
  return producer_->send(marker);
}

bool KafkaPub::commit(std::uint64_t epoch) {
  if (phase_ == Phase::early) take_early_epoch(epoch);
  if (phase_ == Phase::done && !begin_epoch(epoch)) {
    producer_->poll();
    return false;
  }
  if (phase_ == Phase::begun) {
    const Sent sent = send_epoch(epoch);
    producer_->poll();
    if (sent == Sent::full) return false;
    phase_ = Phase::marked;
  }
  producer_->poll();
  // With a refusal the rest stays in the producer until the transaction is aborted.
  if (producer_->in_flight() > 0 && !has_refused_) return false;
  report_refused();
  switch (producer_->commit_transaction()) {
    case kafka::Producer::Outcome::again:
      return false;
    case kafka::Producer::Outcome::aborted:
      if (!has_refused_) throw kafka::Fenced("the transaction was aborted");
      phase_ = Phase::done;
      return false;
    case kafka::Producer::Outcome::done:
      break;
  }
  phase_ = Phase::done;
  waits_for_barrier_ = false;
  sending_.clear(gathered_);
  return true;
}

/// Makes the epoch's rejects durable before its commit.
void KafkaPub::report_refused() {
  const auto count = static_cast<std::size_t>(
      std::count_if(refused_.begin(), refused_.end(), [](const std::string& reason) { return !reason.empty(); }));
  if (!has_refused_ || count == reported_) return;
  reported_ = count;
  std::vector<Refusal> refusals;
  for (std::size_t i = 0; i < refused_.size(); ++i)
    if (!refused_[i].empty()) refusals.push_back({sending_.line(i), std::string(sending_.raw(i)), refused_[i]});
  host_->refuse(refusals);
}

}  // namespace weir::kafka_pub
