#include "kafka_sub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "state/epoch_file.hpp"

namespace weir::kafka_sub {
namespace {

/// Messages that one call of next() reads.
constexpr std::size_t read_batch = 1000;
/// How often the group's offsets are committed without checkpoints.
constexpr auto commit_every = std::chrono::seconds(1);
constexpr WaitLimit retry_pause(200);

}  // namespace

Pattern::Pattern(const std::string& text) : compiled_(new regex_t, [](regex_t* each) {
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

KafkaSub::KafkaSub(Settings settings) : settings_(std::move(settings)), shaper_(settings_.shape) {
  for (const std::string& topic : settings_.topics) {
    if (topic.starts_with('^')) patterns_.emplace_back(topic);
  }
  settings_.consumer.headers = shaper_.needs_headers();
}

void KafkaSub::start(SourceHost& host) {
  host_ = &host;
  consumer_.emplace(settings_.consumer, host.log());
}

void KafkaSub::restore(const Position& position) {
  position_ = position;
  restored_ = true;
}

bool KafkaSub::is_mine(const kafka::Partition& partition) const {
  if (!settings_.partitions.empty() && !settings_.partitions.contains(partition.number)) return false;
  return partition.number % settings_.shards == settings_.shard;
}

bool KafkaSub::find_partitions() {
  const auto matches = [this](const std::string& topic) {
    return std::find(settings_.topics.begin(), settings_.topics.end(), topic) != settings_.topics.end() ||
           std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& each) { return each.matches(topic); });
  };
  const auto found = consumer_->partitions(matches);
  if (!found) return false;
  if (found->empty()) {
    if (!std::exchange(reported_missing_, true))
      host_->log().warn(fmt::format("there is no topic '{}' yet; waiting for it", settings_.topics.front()));
    return false;
  }
  std::map<std::string, std::vector<std::int64_t>> next;
  for (const kafka::Partition& partition : *found) {
    next[partition.topic].push_back(-1);
    if (is_mine(partition)) mine_.push_back(partition);
  }
  if (!restored_) {
    position_.next = std::move(next);
    return true;
  }
  for (const auto& [topic, offsets] : position_.next)
    if (next[topic].size() != offsets.size())
      throw state::Unusable(fmt::format("the topic {} has {} partitions, and had {}: keys have moved between them "
                                        "(begin anew with pipe-run --reset)",
                                        topic, next[topic].size(), offsets.size()));
  for (auto& [topic, offsets] : next) position_.next.try_emplace(topic, std::move(offsets));
  return true;
}

void KafkaSub::check_restored(const kafka::Partition& partition, std::int64_t begin) {
  std::int64_t& next = next_of(partition.topic, partition.number);
  if (next >= begin) return;
  const std::string text = fmt::format("{}, partition {}: messages {} to {} are gone from the brokers", partition.topic,
                                       partition.number, next, begin - 1);
  if (settings_.gap == Gap::refused) throw state::Unusable(text + " (--allow-gap goes on after them)");
  host_->log().warn(text);
  next = begin;
}

bool KafkaSub::find_offsets() {
  std::optional<kafka::Offsets> wanted = kafka::Offsets();
  if (settings_.from == From::committed) wanted = consumer_->committed(mine_);
  if (settings_.from == From::time)
    wanted = consumer_->offsets_at(mine_, std::chrono::floor<std::chrono::milliseconds>(settings_.from_time.time_since_epoch()));
  if (!wanted) return false;
  for (const kafka::Partition& partition : mine_) {
    const auto limits = consumer_->limits(partition);
    if (!limits) return false;
    std::int64_t& next = next_of(partition.topic, partition.number);
    if (next >= 0) {
      check_restored(partition, limits->first);
    } else if (const auto found = wanted->find(partition); found != wanted->end()) {
      next = std::max(found->second, limits->first);
    } else {
      next = settings_.from == From::end ? limits->second : limits->first;
    }
  }
  return true;
}

bool KafkaSub::find_ends() {
  if (settings_.until == Until::stopped) return true;
  open_.clear();
  for (const kafka::Partition& partition : mine_) {
    const auto limits = consumer_->limits(partition);
    if (!limits) return false;
    if (limits->second > next_of(partition.topic, partition.number)) open_[partition] = limits->second;
  }
  return true;
}

AnySource::Step KafkaSub::next(Output& out) {
  if (phase_ == Phase::partitions) {
    if (!find_partitions()) return Step::idle;
    phase_ = Phase::offsets;
  }
  if (phase_ == Phase::offsets) {
    if (!find_offsets()) return Step::idle;
    phase_ = Phase::ends;
  }
  if (phase_ == Phase::ends) {
    if (!find_ends()) return Step::idle;
    consumer_->assign(offsets_of(position_));
    phase_ = Phase::reading;
  }
  if (at_end()) return Step::end;
  std::uint64_t most = std::min<std::uint64_t>(read_batch, out.wanted);
  if (settings_.count) {
    if (position_.records >= *settings_.count) return Step::end;
    most = std::min(most, *settings_.count - position_.records);
  }
  out_ = &out;
  const std::size_t read = consumer_->read(most, *this);
  out_ = nullptr;
  if (at_end() || (settings_.count && position_.records >= *settings_.count)) return Step::end;
  return read > 0 ? Step::more : Step::idle;
}

void KafkaSub::wait(std::span<pollfd> also, WaitLimit limit) {
  if (phase_ == Phase::reading) return consumer_->wait(also, limit);
  wait_for(also, limit < WaitLimit::zero() ? retry_pause : std::min(limit, retry_pause));
}

std::int64_t& KafkaSub::next_of(std::string_view topic, int partition) {
  return position_.next.find(std::string(topic))->second[static_cast<std::size_t>(partition)];
}

/// Everything of the partition before `next` has been read.
void KafkaSub::passed(std::string_view topic, int partition, std::int64_t next) {
  next_of(topic, partition) = next;
  const auto open = open_.find({std::string(topic), partition});
  if (open == open_.end() || next < open->second) return;
  consumer_->pause(open->first);
  open_.erase(open);
}

void KafkaSub::on_message(const kafka::ReceivedMessage& message) {
  if (settings_.until == Until::end && !open_.contains({std::string(message.topic), message.partition})) return;
  ++messages_;
  if (Verdict verdict = shaper_.write(message, out_->lines); verdict.rejected()) {
    const std::string name = fmt::format("{}/{}/{}", message.topic, message.partition, message.offset);
    host_->reject_from({"message", name}, messages_, message.payload.value_or(""), verdict.reason());
  } else {
    ++position_.records;
  }
  passed(message.topic, message.partition, message.offset + 1);
}

void KafkaSub::on_end(std::string_view topic, int partition, std::int64_t offset) {
  // Markers of transactions take offsets, too.
  if (offset > next_of(topic, partition)) passed(topic, partition, offset);
}

kafka::Offsets KafkaSub::offsets_of(const Position& position) const {
  kafka::Offsets offsets;
  for (const auto& [topic, next] : position.next)
    for (std::size_t number = 0; number < next.size(); ++number)
      if (next[number] >= 0) offsets[{topic, static_cast<int>(number)}] = next[number];
  return offsets;
}

void KafkaSub::written() {
  if (phase_ != Phase::reading || !host_->folder().empty()) return;
  written_ = offsets_of(position_);
  const auto now = clock::now();
  if (now - committed_at_ < commit_every) return;
  committed_at_ = now;
  consumer_->commit(written_);
}

void KafkaSub::committed(const Position& position) {
  if (consumer_) consumer_->commit(offsets_of(position));
}

void KafkaSub::close() {
  if (phase_ != Phase::reading || !host_->folder().empty()) return;
  if (!consumer_->commit_now(written_))
    host_->log().warn("the group's offsets could not be committed: the next run reads some messages again");
}

std::string KafkaSub::position_text() const {
  std::string text;
  for (const auto& [partition, offset] : offsets_of(position_))
    text += fmt::format("{}{}/{}: {}", text.empty() ? "" : ", ", partition.topic, partition.number, offset);
  return text;
}

}  // namespace weir::kafka_sub
