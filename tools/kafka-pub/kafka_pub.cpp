#include "kafka_pub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::kafka_pub {
namespace {

/// Messages that may be in flight; the library keeps them in its queue.
constexpr std::uint64_t most_in_flight = 50'000;

}  // namespace

KafkaPub::KafkaPub(Settings settings)
    : settings_(std::move(settings)),
      maker_(settings_.form, fields_, settings_.epochs_topic),
      fixed_topic_(maker_.fixed_topic()),
      letters_(settings_.dead_letter, letter_number) {
  if (settings_.form.without == NoPayload::tombstone && (settings_.form.payload.empty() || settings_.form.key.empty()))
    throw std::invalid_argument(
        "--tombstone needs --payload, whose field is missing, and --message-key, whose value is removed");
  if (fixed_topic_ && (*fixed_topic_ == settings_.epochs_topic || *fixed_topic_ == kafka::default_epochs_topic))
    throw std::invalid_argument(fmt::format("--topic '{}' is that of pipelines' epochs: give another", *fixed_topic_));
  if (settings_.watermarks && !fixed_topic_)
    throw std::invalid_argument("--watermarks goes to all partitions of one topic: --topic without {field}");
}

void KafkaPub::start(SinkHost& host) {
  host_ = &host;
  if (const PipelineRun* run = host.pipeline()) settings_.producer.transactional_id = "weir." + run->pipe;
  topics_.emplace(settings_.producer.connection, settings_.new_topic, host);
  if (topics_->makes()) {
    if (fixed_topic_)
      if (const std::string& problem = topics_->make(*fixed_topic_); !problem.empty()) throw kafka::Refused(problem);
    if (letters_.wanted()) topics_->make_for_letters(letters_.topic());
  }
  start_producer();
  if (settings_.schemas.given()) avro_.emplace(settings_.schemas, host.log());
}

/// Makes the producer, with batches that the topic takes.
void KafkaPub::start_producer() {
  kafka::ProducerHandler& handler = *this;
  std::uint64_t& batch_size = settings_.producer.batch_size;
  producer_.emplace(settings_.producer, handler, host_->log());
  if (fixed_topic_)
    if (const std::uint64_t limit = topics_->limit_of(*producer_, *fixed_topic_); limit > 0 && limit < batch_size) {
      batch_size = limit;
      producer_.emplace(settings_.producer, handler, host_->log());
    }
  if (!letters_.wanted()) return;
  const std::uint64_t own = producer_->most_message_bytes();
  const std::uint64_t limit = topics_->limit_of(*producer_, letters_.topic());
  letters_.set_limit(limit > 0 ? std::min(limit, own) : own);
}

Verdict KafkaPub::on_record(const Record& record) {
  if (Verdict verdict = maker_.make(record); verdict.rejected()) return verdict;
  if (topics_->makes() && !fixed_topic_) {
    const std::string& problem = topics_->make(*maker_.message().topic);
    if (!problem.empty()) return Verdict::reject(problem);
  }
  if (avro_) {
    if (Verdict verdict = write_avro(record); verdict.rejected()) return verdict;
  }
  topics_->note(*maker_.message().topic);
  if (!gathers()) return send_now(record);
  gathered_.add(maker_.message(), record.line_number(), record.line());
  return Verdict::ok();
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
  for (const std::string& topic : topics_->take_new())
    if (!fixed_topic_) topics_->limit_of(*producer_, topic);
  const bool keeps = host_->keeps_rejects() || letters_.wanted();
  message.number = in_flight_.keep(record.line_number(), keeps ? record.line() : std::string_view(),
                                   letters_.wanted() ? std::string_view(*message.topic) : std::string_view());
  try {
    while (producer_->send(message) == Sent::full) {
      producer_->wait({}, slice);
      host_->check_stop();
    }
  } catch (const std::invalid_argument& problem) {
    in_flight_.release(message.number);
    const std::string why = fmt::format("Kafka cannot take it: {}", problem.what());
    if (letters_.wanted()) dead_letters_.push_back({*message.topic, std::string(record.line()), why});
    return Verdict::reject(why);
  }
  return Verdict::ok();
}

bool KafkaPub::ready() {
  if (gathers()) {
    if (takes_more()) return true;
    producer_->poll();
    send_early();
    return takes_more();
  }
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

/// Returns false when some are left.
bool KafkaPub::send_dead_letters() {
  while (!dead_letters_.empty() && letters_.send(*producer_, dead_letters_.back(), host_->log()) == Sent::yes)
    dead_letters_.pop_back();
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
    return letters_.report_lost(reason, host_->log());
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
  if (letters_.wanted()) dead_letters_.push_back({record.topic, record.raw, why});
  in_flight_.release(number);
}

}  // namespace weir::kafka_pub
