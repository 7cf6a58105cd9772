#include "kafka_sub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "record/control.hpp"
#include "state/epoch_file.hpp"
#include "time/saturating.hpp"
#include "time/timestamp.hpp"

namespace weir::kafka_sub {
namespace {

/// Messages that one call of next() reads.
constexpr std::size_t read_batch = 1000;
/// How often the group's offsets are committed without checkpoints.
constexpr auto commit_every = std::chrono::seconds(1);
constexpr WaitLimit retry_pause(200);

}  // namespace

Pattern::Pattern(const std::string& text)
    : compiled_(new regex_t, [](regex_t* each) {
        ::regfree(each);
        delete each;
      }) {
  if (const int code = ::regcomp(compiled_.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); code != 0) {
    std::array<char, 200> reason{};
    ::regerror(code, compiled_.get(), reason.data(), reason.size());
    throw std::invalid_argument(fmt::format("--topic '{}': {}", text, reason.data()));
  }
}

bool Pattern::matches(const std::string& topic) const {
  return ::regexec(compiled_.get(), topic.c_str(), 0, nullptr, 0) == 0;
}

KafkaSub::KafkaSub(Settings settings, WallClock now)
    : settings_(std::move(settings)), now_(std::move(now)), shaper_(settings_.shape) {
  for (const std::string& topic : settings_.topics) {
    if (topic.starts_with('^')) patterns_.emplace_back(topic);
  }
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
  went_on_ = !position.offsets().empty();
}

void KafkaSub::rebuild(std::optional<Time> final_until) {
  if (settings_.from == From::end || settings_.from == From::committed)
    throw state::Unusable(
        "the state is lost, and made again from the place at which the first run began: --from start, a time or "
        "offsets");
  rebuilds_ = true;
  final_until_ = final_until;
}

/// Whether messages that open windows may need can be gone from the brokers is seen by the first record that is left.
void KafkaSub::check_rebuilt(const kafka::Partition& partition, std::int64_t begin, std::int64_t end) {
  if (!rebuilds_ || begin == 0 || position_.at(partition).next > begin) return;
  if (begin == end)
    throw state::Unusable(
        fmt::format("{}, partition {}: all messages are gone from the brokers, also those of open windows: the state "
                    "cannot be made again",
                    partition.topic, partition.number));
  if (!final_until_ || !settings_.watermark)
    throw state::Unusable(
        fmt::format("{}, partition {}: messages 0 to {} are gone from the brokers, and without --watermark it is not "
                    "known whether open windows need them: the state cannot be made again",
                    partition.topic, partition.number, begin - 1));
}

void KafkaSub::check_first_time(Reading& reading, Time time) {
  if (time >= *reading.must_begin_before)
    throw state::Unusable(
        fmt::format("{}, partition {}: messages that open windows need are gone from the brokers: the first record is "
                    "of {}, and windows are final up to {}",
                    reading.partition.topic, reading.partition.number, format_time(time), format_time(*final_until_)));
  reading.must_begin_before.reset();
}

bool KafkaSub::is_mine(const kafka::Partition& partition) const {
  if (!settings_.partitions.empty() && !settings_.partitions.contains(partition.number)) return false;
  return partition.number % settings_.shards == settings_.shard;
}

bool KafkaSub::matches(const std::string& topic) const {
  return std::find(settings_.topics.begin(), settings_.topics.end(), topic) != settings_.topics.end() ||
         std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& each) { return each.matches(topic); });
}

bool KafkaSub::find_partitions() {
  looked_at_ = clock::now();
  const auto found = consumer_->partitions([this](const std::string& topic) { return matches(topic); });
  if (!found) return false;
  if (found->empty()) {
    if (!std::exchange(reported_missing_, true))
      host_->log().warn(fmt::format("there is no topic '{}' yet; waiting for it", settings_.topics.front()));
    return false;
  }
  std::map<std::string, std::vector<Place>> places;
  for (const kafka::Partition& partition : *found) {
    places[partition.topic].emplace_back();
    if (is_mine(partition)) mine_.push_back(partition);
  }
  for (const auto& [topic, before] : position_.places)
    if (places[topic].size() != before.size())
      throw state::Unusable(
          fmt::format("the topic {} has {} partitions, and had {}: keys have moved between them "
                      "(begin anew with pipe-run --reset)",
                      topic, places[topic].size(), before.size()));
  for (auto& [topic, all] : places)
    if (position_.places.try_emplace(topic, std::move(all)).second && went_on_) new_topics_.insert(topic);
  return true;
}

/// Adds topics that have come since the last look. They are read from their beginning. A broker that does not answer is
/// asked again at the next look.
void KafkaSub::look_for_topics() {
  looked_at_ = clock::now();
  const auto found = consumer_->partitions([this](const std::string& topic) { return matches(topic); });
  if (!found) return;
  std::map<std::string, std::vector<Place>> added;
  for (const kafka::Partition& partition : *found) {
    if (position_.places.contains(partition.topic)) continue;
    Place& place = added[partition.topic].emplace_back();
    if (!is_mine(partition)) continue;
    const auto limits = consumer_->limits(partition);
    if (!limits) return;
    place.next = limits->first;
  }
  if (added.empty()) return;
  position_.places.merge(added);
  for (const kafka::Partition& partition : *found)
    if (is_mine(partition) && readings_.find(partition.topic, partition.number) == nullptr)
      readings_.add(partition, position_.at(partition), std::nullopt, clock::now());
  consumer_->assign(position_.offsets());
}

void KafkaSub::check_restored(const kafka::Partition& partition, std::int64_t begin) {
  std::int64_t& next = position_.at(partition).next;
  if (next >= begin) return;
  const std::string text = fmt::format("{}, partition {}: messages {} to {} are gone from the brokers", partition.topic,
                                       partition.number, next, begin - 1);
  if (settings_.gap == Gap::refused) throw state::Unusable(text + " (--allow-gap goes on after them)");
  host_->log().warn(text);
  next = begin;
}

/// Where a partition is begun that was not read before. `wanted` holds what was looked up, by time or in the group.
std::int64_t KafkaSub::first_offset(const kafka::Partition& partition, const std::optional<kafka::Offsets>& wanted,
                                    std::int64_t begin, std::int64_t end) {
  if (new_topics_.contains(partition.topic)) return begin;
  if (const auto found = wanted->find(partition); found != wanted->end()) return std::max(found->second, begin);
  if (settings_.from == From::end) return end;
  const auto given = settings_.from_offsets.find(partition.number);
  if (given == settings_.from_offsets.end()) return begin;
  if (given->second < begin || given->second > end)
    host_->log().warn(
        fmt::format("--from: {}, partition {} has the offsets {} to {}, and not {}: it begins at the nearest",
                    partition.topic, partition.number, begin, end, given->second));
  return std::clamp(given->second, begin, end);
}

bool KafkaSub::find_offsets() {
  std::optional<kafka::Offsets> wanted = kafka::Offsets();
  if (settings_.from == From::committed) wanted = consumer_->committed(mine_);
  if (settings_.from == From::time)
    wanted = consumer_->offsets_at(
        mine_, std::chrono::floor<std::chrono::milliseconds>(settings_.from_time.time_since_epoch()));
  if (!wanted) return false;
  for (const kafka::Partition& partition : mine_) {
    const auto limits = consumer_->limits(partition);
    if (!limits) return false;
    Place& place = position_.at(partition);
    if (place.next >= 0) {
      check_restored(partition, limits->first);
    } else {
      place.next = first_offset(partition, wanted, limits->first, limits->second);
      check_rebuilt(partition, limits->first, limits->second);
    }
  }
  return true;
}

bool KafkaSub::find_ends() {
  std::map<kafka::Partition, std::int64_t> ends;
  if (settings_.until == Until::end) {
    for (const kafka::Partition& partition : mine_) {
      const auto limits = consumer_->limits(partition);
      if (!limits) return false;
      ends[partition] = limits->second;
    }
  }
  for (const kafka::Partition& partition : mine_) {
    const auto end = ends.find(partition);
    Place& place = position_.at(partition);
    Reading& reading =
        readings_.add(partition, place, end == ends.end() ? std::optional<std::int64_t>() : end->second, clock::now());
    if (rebuilds_ && place.next > 0 && final_until_ && settings_.watermark)
      reading.must_begin_before = saturating_subtract(*final_until_, settings_.watermark->lateness);
  }
  return true;
}

/// Takes the steps before the first message, and returns false while the brokers owe an answer.
bool KafkaSub::get_ready() {
  if (phase_ == Phase::partitions) {
    if (!find_partitions()) return false;
    phase_ = Phase::offsets;
  }
  if (phase_ == Phase::offsets) {
    if (!find_offsets()) return false;
    phase_ = Phase::ends;
  }
  if (phase_ == Phase::ends) {
    if (!find_ends()) return false;
    consumer_->assign(position_.offsets());
    phase_ = Phase::reading;
  }
  return true;
}

bool KafkaSub::is_over() const {
  return readings_.all_finished() || (settings_.count && position_.records >= *settings_.count);
}

AnySource::Step KafkaSub::next(Output& out) {
  if (!get_ready()) return Step::idle;
  if (is_over()) {
    if (writes_watermarks()) append_due_watermark(out);
    return Step::end;
  }
  if (!patterns_.empty() && settings_.until != Until::end && clock::now() - looked_at_ >= settings_.look_every)
    look_for_topics();
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
  if (offset > reading->place->next) pass(*reading, offset);
}

void KafkaSub::written() {
  if (phase_ != Phase::reading || !host_->folder().empty()) return;
  if (settings_.consumer.group.empty()) return;
  const auto now = clock::now();
  if (now - committed_at_ < commit_every) return;
  committed_at_ = now;
  consumer_->commit(position_.offsets());
}

void KafkaSub::committed(const Position& position) {
  if (consumer_) consumer_->commit(position.offsets());
}

void KafkaSub::close() {
  if (phase_ != Phase::reading || !host_->folder().empty()) return;
  if (!consumer_->commit_now(position_.offsets()))
    host_->log().warn("the group's offsets could not be committed: the next run reads some messages again");
}

std::string KafkaSub::position_text() const {
  std::string text;
  for (const auto& [partition, offset] : position_.offsets())
    text += fmt::format("{}{}/{}: {}", text.empty() ? "" : ", ", partition.topic, partition.number, offset);
  return text;
}

}  // namespace weir::kafka_sub
