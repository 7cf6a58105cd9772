#include "kafka_pub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "lost_transactions.hpp"
#include "net/kafka/epoch_marker.hpp"

namespace weir::kafka_pub {
namespace {

using std::chrono::milliseconds;

/// Messages that may be in flight; the library keeps them in its queue.
constexpr std::uint64_t most_in_flight = 50'000;
/// The numbers of messages that are no records.
constexpr std::uint64_t marker_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t letter_number = marker_number - 1;
constexpr std::uint64_t filler_number = letter_number - 1;
constexpr std::uint64_t watermark_number = filler_number - 1;
/// Bytes of an epoch that are gathered before any is sent: a transaction that is open for long keeps back the readers
/// of the other producers of its partitions.
constexpr std::uint64_t early_bytes = 1 << 20;
/// The part of the brokers' time limit for which a transaction may be open before its barrier.
constexpr int early_share = 4;
/// How long one call of the library may block the reading of input.
constexpr milliseconds slice(50);

}  // namespace

KafkaPub::KafkaPub(Settings settings) : settings_(std::move(settings)), maker_(settings_.form, fields_) {
  if (settings_.form.without == NoPayload::tombstone && (settings_.form.payload.empty() || settings_.form.key.empty()))
    throw std::invalid_argument(
        "--tombstone needs --payload, whose field is missing, and --message-key, whose value is removed");
  if (settings_.watermarks && !maker_.fixed_topic())
    throw std::invalid_argument("--watermarks goes to all partitions of one topic: --topic without {field}");
}

void KafkaPub::start(SinkHost& host) {
  host_ = &host;
  if (const PipelineRun* run = host.pipeline()) settings_.producer.transactional_id = "weir." + run->pipe;
  if (const auto topic = maker_.fixed_topic(); topic && settings_.new_topic) {
    if (const std::string& problem = make_topic(*topic); !problem.empty()) throw kafka::Refused(problem);
    settings_.new_topic.reset();  // there is no other
  }
  kafka::ProducerHandler& handler = *this;
  producer_.emplace(settings_.producer, handler, host.log());
  if (settings_.schemas.given()) avro_.emplace(settings_.schemas, host.log());
}

Verdict KafkaPub::on_record(const Record& record) {
  if (Verdict verdict = maker_.make(record); verdict.rejected()) return verdict;
  if (settings_.new_topic) {
    const std::string& problem = make_topic(*maker_.message().topic);
    if (!problem.empty()) return Verdict::reject(problem);
  }
  if (avro_) {
    if (Verdict verdict = write_avro(record); verdict.rejected()) return verdict;
  }
  if (!gathers()) return send_now(record);
  note_topic(*maker_.message().topic);
  gathered_.add(maker_.message(), record.line_number(), record.line());
  return Verdict::ok();
}

/// Makes the topic where it is missing, the first time that it is named. Returns why it cannot be made, or nothing.
const std::string& KafkaPub::make_topic(const std::string& name) {
  if (const auto known = topics_.find(name); known != topics_.end()) return known->second;
  kafka::NewTopic wanted = *settings_.new_topic;
  wanted.name = name;
  std::string problem;
  try {
    const auto meanwhile = [this] { host_->check_stop(); };
    kafka::Admin(settings_.producer.connection, host_->log(), meanwhile).make_topic(wanted);
  } catch (const kafka::TopicRefused& refused) {
    problem = refused.what();
  }
  return topics_.emplace(name, std::move(problem)).first->second;
}

/// Puts the record's Avro into the message. Waits for the registry.
Verdict KafkaPub::write_avro(const Record& record) {
  AvroWriter::Written written{};
  while ((written = avro_->write(*maker_.message().topic, record.line())) == AvroWriter::Written::later) {
    avro_->wait(slice);
    producer_->poll();
    host_->check_stop();
  }
  if (written == AvroWriter::Written::rejected) return Verdict::reject(avro_->reason());
  maker_.set_payload(avro_->payload());
  return Verdict::ok();
}

CountReport KafkaPub::counts() const {
  CountReport report;
  if (avro_) avro_->add_to(report);
  return report;
}

Verdict KafkaPub::send_now(const Record& record) {
  kafka::Message message = maker_.message();
  const bool keeps = host_->keeps_rejects() || !settings_.dead_letter.empty();
  message.number = in_flight_.keep(record.line_number(), keeps ? record.line() : std::string_view(),
                                   settings_.dead_letter.empty() ? std::string_view() : *message.topic);
  try {
    while (producer_->send(message) == Sent::full) {
      producer_->wait({}, slice);
      host_->check_stop();
    }
  } catch (const std::invalid_argument& problem) {
    in_flight_.release(message.number);
    const std::string why = fmt::format("Kafka cannot take it: {}", problem.what());
    if (!settings_.dead_letter.empty()) dead_letters_.push_back({*message.topic, std::string(record.line()), why});
    return Verdict::reject(why);
  }
  return Verdict::ok();
}

bool KafkaPub::ready() {
  if (gathers()) return true;
  if (producer_->in_flight() < most_in_flight) return true;
  producer_->poll();
  return producer_->in_flight() < most_in_flight;
}

void KafkaPub::on_pause(InputFlow) {
  producer_->poll();
  if (gathers())
    send_early();
  else
    send_dead_letters();
}

void KafkaPub::wait(std::span<pollfd> also, WaitLimit limit) {
  producer_->wait(also, limit);
  if (phase_ == Phase::early) send_early();
}

bool KafkaPub::finish() {
  producer_->poll();
  return send_dead_letters() && producer_->in_flight() == 0;
}

KafkaPub::Sent KafkaPub::send_dead_letter(const DeadLetter& letter) {
  const kafka::Header headers[] = {{"weir-topic", letter.topic}, {"weir-reason", letter.reason}};
  kafka::Message message;
  message.topic = &settings_.dead_letter;
  message.payload = letter.payload;
  message.headers = headers;
  message.number = letter_number;
  try {
    return producer_->send(message);
  } catch (const std::invalid_argument& problem) {
    report_lost_letter(problem.what());
    return Sent::yes;
  }
}

/// A record that cannot be a dead letter either is still among the rejects, and must not stop the run.
void KafkaPub::report_lost_letter(std::string_view reason) {
  if (!std::exchange(lost_letter_, true))
    host_->log().warn(
        fmt::format("--dead-letter {} does not take a record either: {}; it is among the rejects only (reported once)",
                    settings_.dead_letter, reason));
}

/// Returns false when some are left.
bool KafkaPub::send_dead_letters() {
  while (!dead_letters_.empty() && send_dead_letter(dead_letters_.back()) == Sent::yes) dead_letters_.pop_back();
  return dead_letters_.empty();
}

void KafkaPub::on_delivered(std::uint64_t number) {
  if (!gathers() && number < watermark_number) in_flight_.release(number);
}

void KafkaPub::on_refused(std::uint64_t number, std::string_view reason) {
  if (number == filler_number) throw std::runtime_error(fmt::format("a lost transaction cannot be ended: {}", reason));
  if (number == marker_number) throw std::runtime_error(fmt::format("{}: {}", settings_.epochs_topic, reason));
  if (number == watermark_number) throw std::runtime_error(fmt::format("a watermark cannot be written: {}", reason));
  if (number == letter_number) {
    takes_letters_ = false;  // of this epoch: its transaction begins again without them
    return report_lost_letter(reason);
  }
  const std::string why = fmt::format("Kafka refuses it: {}", reason);
  if (gathers()) {
    refused_.resize(std::max<std::size_t>(refused_.size(), number + 1));
    refused_[number] = why;
    has_refused_ = true;
    return;
  }
  const InFlightRecords::Record& record = in_flight_[number];
  host_->reject(record.line, record.raw, why);
  if (!settings_.dead_letter.empty()) dead_letters_.push_back({record.topic, record.raw, why});
  in_flight_.release(number);
}

std::uint64_t KafkaPub::fence(const PipelineRun& run) {
  const auto meanwhile = [&] { host_->check_stop(); };
  kafka::EpochMarkers markers(settings_.producer.connection, settings_.epochs_topic, host_->log(), meanwhile);
  markers.make_topic();
  while (!producer_->take_over(slice * 10)) meanwhile();
  if (const auto topic = maker_.fixed_topic()) {
    partitions_ = producer_->prepare(*topic);
    note_topic(*topic);
  }
  producer_->prepare(settings_.epochs_topic);
  note_topic(settings_.epochs_topic);
  if (!settings_.dead_letter.empty()) note_topic(settings_.dead_letter);
  end_lost_transactions(std::exchange(new_topics_, {}));
  return markers.last_epoch(run.pipe);
}

/// Notes a topic that is sent to, before its first transaction of this run.
void KafkaPub::note_topic(const std::string& topic) {
  if (topic == last_topic_) return;
  last_topic_ = topic;
  if (known_topics_.insert(topic).second) new_topics_.push_back(topic);
}

void KafkaPub::end_lost_transactions(std::span<const std::string> topics) {
  if (topics.empty()) return;
  kafka_pub::end_lost_transactions(*producer_, settings_.producer.connection, topics, host_->pipeline()->pipe,
                                   filler_number, host_->log(), [this] { host_->check_stop(); });
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
  return sending_.size() == 0 && gathered_.bytes() >= early_bytes && !waits_for_barrier_ && new_topics_.empty() &&
         maker_.fixed_topic();
}

/// Sends messages of the epoch that is being read. After a refusal the rest waits for the barrier.
void KafkaPub::send_early() {
  const auto now = std::chrono::steady_clock::now();
  if (phase_ == Phase::done && begins_early()) {
    forget_epoch();
    begin_transaction();
    early_until_ = now + producer_->transaction_timeout() / early_share;
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

void KafkaPub::begin_epoch(std::uint64_t epoch) {
  end_lost_transactions(std::exchange(new_topics_, {}));
  if (epoch_ != epoch) {
    std::swap(sending_, gathered_);
    gathered_.clear();
    forget_epoch();
    epoch_ = epoch;
    prepare_watermark();
  }
  begin_transaction();
  phase_ = Phase::begun;
}

/// Goes on with a transaction that has begun before the barrier.
void KafkaPub::take_early_epoch(std::uint64_t epoch) {
  std::swap(sending_, gathered_);
  gathered_.clear();
  epoch_ = epoch;
  prepare_watermark();
  phase_ = Phase::begun;
}

/// Makes the watermark of the epoch that ends, where it says more than the last one.
void KafkaPub::prepare_watermark() {
  watermark_text_.clear();
  if (!settings_.watermarks) return;
  if (watermark_.time <= sending_watermark_.time && watermark_.ended == sending_watermark_.ended) return;
  if (partitions_ == 0) partitions_ = producer_->prepare(*maker_.fixed_topic());
  if (partitions_ == 0) return;  // the topic is not there yet: the next epoch has it
  sending_watermark_ = watermark_;
  sending_watermark_.from = host_->pipeline()->pipe;
  append_producer_watermark(watermark_text_, sending_watermark_);
}

/// Sends the epoch's watermark to every partition, after its messages.
KafkaPub::Sent KafkaPub::send_watermarks() {
  if (watermark_text_.empty()) return Sent::yes;
  const std::string topic = *maker_.fixed_topic();
  const kafka::Header headers[] = {{"weir-watermark", sending_watermark_.from}};
  kafka::Message message;
  message.topic = &topic;
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
      if (settings_.dead_letter.empty() || !takes_letters_) continue;
      const DeadLetter letter{*message.topic, std::string(messages.raw(next_)), refused_[next_]};
      if (const Sent sent = send_dead_letter(letter); sent != Sent::yes) return sent;
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
  if (phase_ == Phase::done) begin_epoch(epoch);
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
  switch (producer_->commit_transaction(slice)) {
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
  sending_.clear();
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
