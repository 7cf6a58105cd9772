#include "kafka_sub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "record/control.hpp"
#include "state/epoch_file.hpp"
#include "time/saturating.hpp"

namespace weir::kafka_sub {
namespace {

/// Messages that one call of next() reads.
constexpr std::size_t read_batch = 1000;
/// How often the group's offsets are committed without checkpoints.
constexpr auto commit_every = std::chrono::seconds(1);
constexpr WaitLimit retry_pause(200);

}  // namespace

KafkaSub::KafkaSub(Settings settings, WallClock now)
    : settings_(std::move(settings)), now_(std::move(now)), topics_(settings_.topics), shaper_(settings_.shape) {
  settings_.consumer.headers = shaper_.needs_headers();
}

void KafkaSub::start(SourceHost& host) {
  host_ = &host;
  consumer_.emplace(settings_.consumer, host.log());
  if (!settings_.schemas.given()) return;
  const bool takes_nan = settings_.shape.nan == NanTokens::null;
  avro_.emplace(settings_.schemas, takes_nan ? avro::NanValues::null : avro::NanValues::rejected,
                settings_.shape.max_line, host.log());
}

void KafkaSub::restore(const Position& position) {
  position_ = position;
  went_on_ = !position.places.empty();
}

void KafkaSub::rebuild(std::optional<Time> final_until) {
  if (settings_.from == From::end || settings_.from == From::committed)
    throw state::Unusable(
        "the state is lost, and made again from the place at which the first run began: --from start, a time or "
        "offsets");
  rebuilds_ = true;
  final_until_ = final_until;
}

bool KafkaSub::is_over() const {
  return (settings_.until == Until::end && readings_.all_finished()) ||
         (settings_.count && position_.records >= *settings_.count);
}

AnySource::Step KafkaSub::next(Output& out) {
  if (!get_ready()) return Step::idle;
  if (is_over()) {
    if (writes_watermarks()) append_due_watermark(out);
    return Step::end;
  }
  if (!gaps_.empty() && !leave_gaps()) return Step::idle;
  if (settings_.until != Until::end && clock::now() - looked_at_ >= settings_.look_every) look_again();
  std::uint64_t most = std::min<std::uint64_t>(read_batch, out.wanted);
  if (settings_.count) most = std::min(most, *settings_.count - position_.records);
  out_ = &out;
  batch_time_ = now_();
  batch_at_ = clock::now();
  const std::size_t read = consumer_->read(most, *this);
  out_ = nullptr;
  // A watermark is a line, too: none where the epoch has no room for one.
  const bool owes_watermark = writes_watermarks() && read == out.wanted;
  if (writes_watermarks() && !owes_watermark) append_due_watermark(out);
  if (is_over() && !owes_watermark) return Step::end;
  return read > 0 ? Step::more : Step::idle;
}

std::optional<Time> KafkaSub::due_watermark() const {
  if (settings_.producers > 0) return readings_.least_promise(settings_.producers);
  const auto front = readings_.oldest_front(settings_.watermark->idle, batch_at_);
  return front ? std::optional(saturating_subtract(*front, settings_.watermark->lateness)) : std::nullopt;
}

void KafkaSub::append_due_watermark(Output& out) {
  const auto watermark = due_watermark();
  if (!watermark || *watermark <= watermark_) return;
  watermark_ = *watermark;
  append_watermark(out.lines, *watermark);
}

/// Takes a message that begins as a watermark does. Returns nothing where it is none, so that it is a reject.
std::optional<Verdict> KafkaSub::take_watermark(Reading& reading, std::string_view payload) {
  const auto watermark = parse_producer_watermark(payload);
  if (!watermark) return std::nullopt;
  if (settings_.producers == 0 || reading.place->take(*watermark, settings_.producers)) return Verdict::ok();
  return Verdict::reject(
      fmt::format("it is the watermark of one more producer than the {} of --producers", settings_.producers));
}

void KafkaSub::wait(std::span<pollfd> also, WaitLimit limit) {
  const WaitLimit pause = limit < WaitLimit::zero() ? retry_pause : std::min(limit, retry_pause);
  if (phase_ != Phase::reading) return wait_for(also, pause);
  if (avro_ && avro_->awaits_schema()) return avro_->wait(also, pause);
  consumer_->wait(also, limit);
}

/// Everything of the partition before `next` has been read.
void KafkaSub::pass(Reading& reading, std::int64_t next) {
  if (!Readings::pass(reading, next)) return;
  readings_.note_finished();
  consumer_->pause(reading.partition);
}

/// Writes the message's record. Returns nothing while its schema is not known.
std::optional<Verdict> KafkaSub::write(const kafka::ReceivedMessage& message) {
  if (!avro_ || !message.payload) return shaper_.write(message, batch_time_, out_->lines);
  switch (avro_->read(*message.payload)) {
    case AvroReader::Read::later:
      return std::nullopt;
    case AvroReader::Read::rejected:
      return Verdict::reject(avro_->reason());
    case AvroReader::Read::yes:
      break;
  }
  as_json_ = message;
  as_json_.payload = avro_->json();
  return shaper_.write(as_json_, batch_time_, out_->lines);
}

kafka::Taken KafkaSub::on_message(const kafka::ReceivedMessage& message) {
  Reading* const reading = readings_.find(message.topic, message.partition);
  if (reading == nullptr || reading->finished || message.offset < reading->place->next) return kafka::Taken::yes;
  if (reading->end && message.offset >= *reading->end) {  // the end was after the marker of a transaction
    pass(*reading, *reading->end);
    return kafka::Taken::yes;
  }
  reading->at_end = false;  // also while the message waits: it may be older than the watermark to come
  std::optional<Verdict> verdict;
  bool is_record = true;
  if (message.payload && may_be_watermark(*message.payload)) {
    verdict = take_watermark(*reading, *message.payload);
    is_record = !verdict;
  }
  if (!verdict) verdict = write(message);
  if (!verdict) return kafka::Taken::later;
  ++messages_;
  if (verdict->rejected()) {
    const std::string name = fmt::format("{}/{}/{}", message.topic, message.partition, message.offset);
    host_->reject_from({"message", name}, messages_, message.payload.value_or(""), verdict->reason());
  } else if (is_record) {
    ++position_.records;
    const auto time = shaper_.time();
    if (time && reading->must_begin_before) check_first_time(*reading, *time);
    if (time) reading->place->newest = std::max(reading->place->newest, *time);
  }
  reading->last_message = batch_at_;
  pass(*reading, message.offset + 1);
  return kafka::Taken::yes;
}

void KafkaSub::on_end(std::string_view topic, int partition, std::int64_t offset) {
  Reading* const reading = readings_.find(topic, partition);
  if (reading == nullptr) return;
  reading->at_end = true;
  // Markers of transactions take offsets, too.
  if (offset > reading->place->next || (reading->end && offset >= *reading->end)) pass(*reading, offset);
}

void KafkaSub::on_out_of_range(std::string_view topic, int partition) {
  if (const Reading* const reading = readings_.find(topic, partition); reading != nullptr && !reading->finished)
    gaps_.insert(reading->partition);
}

void KafkaSub::written() {
  if (phase_ != Phase::reading || keeps_state()) return;
  if (settings_.consumer.group.empty()) return;
  const auto now = clock::now();
  if (now - committed_at_ < commit_every) return;
  committed_at_ = now;
  consumer_->commit(position_.offsets());
}

void KafkaSub::committed(const Position& position) {
  if (settings_.consumer.group.empty()) return;
  committed_ = position.offsets();
  consumer_->commit(committed_);
}

void KafkaSub::close() {
  if (keeps_state()) {
    if (!consumer_->commit_now(committed_))
      host_->log().warn("the group's offsets could not be committed: monitors see those of an earlier epoch");
  } else if (phase_ == Phase::reading && !consumer_->commit_now(position_.offsets())) {
    host_->log().warn("the group's offsets could not be committed: the next run reads some messages again");
  }
}

std::string KafkaSub::position_text() const {
  std::string text;
  for (const auto& [partition, offset] : position_.offsets())
    text += fmt::format("{}{}/{}: {}", text.empty() ? "" : ", ", partition.topic, partition.number, offset);
  return text;
}

}  // namespace weir::kafka_sub
