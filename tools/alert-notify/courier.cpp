#include "courier.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <system_error>

#include "pipeline/wait.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"
#include "time/duration.hpp"

namespace weir::alert_notify {
namespace {

constexpr Duration first_pause = std::chrono::milliseconds(200);
constexpr Duration longest_pause = std::chrono::seconds(60);
constexpr std::uint64_t largest_journal = std::uint64_t{1} << 30U;
/// So many messages in a row that failed mean that the fault is not theirs.
constexpr unsigned failed_messages_of_a_channel = 2;

/// The time after a pause, or the end of time.
std::chrono::steady_clock::time_point later(std::chrono::steady_clock::time_point time, Duration pause) {
  using clock = std::chrono::steady_clock;
  if (pause >= clock::time_point::max() - time) return clock::time_point::max();
  return time + std::chrono::duration_cast<clock::duration>(pause);
}

}  // namespace

TokenBucket::clock::time_point TokenBucket::ready_at(clock::time_point now) {
  if (!pace_.rate) return now;
  const double passed = filled_ ? std::chrono::duration<double>(now - *filled_).count() : 0;
  tokens_ = std::min(pace_.burst, tokens_ + passed * *pace_.rate);
  filled_ = now;
  if (tokens_ >= 1 - 1e-9) return now;
  return now + std::chrono::ceil<clock::duration>(std::chrono::duration<double>((1 - tokens_) / *pace_.rate));
}

Courier::Lane::Lane(const ChannelSettings& settings, int wake, const Stop& stop)
    : bucket(pace_of(settings.spec)),
      back_off(first_pause, longest_pause, std::random_device()()),
      worker(make_channel(settings, stop), wake) {}

Courier::Courier(Settings settings, Log& log, Refused refused)
    : settings_(std::move(settings)),
      log_(log),
      refused_(std::move(refused)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (wake_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  if (!settings_.history.empty()) history_.emplace(settings_.history);
  if (!settings_.journal.empty()) journal_.emplace(settings_.journal);
  for (const ChannelSettings& each : settings_.channels)
    lanes_.emplace(each.spec.name, std::make_unique<Lane>(each, wake_.get(), stop_));
}

Courier::~Courier() { stop_.ask(); }

void Courier::add(Message message) {
  if (message.is_for_history) {
    if (history_) history_->append(history_line(message, message.kind, "", now(), {}));
    return;
  }
  const auto lane = lanes_.find(message.channel);
  if (lane == lanes_.end()) {
    const std::string reason = fmt::format("there is no channel `{}` any more", message.channel);
    note(message, "refused", {Sent::Outcome::refused, reason, {}, false});
    write_journal('R', message, reason);
    return refused_(message, reason);
  }
  ++left_;
  left_bytes_ += message.bytes();
  const auto came = clock::now();
  lane->second->queue.push_back({std::move(message), came});
  if (settings_.retry_for)
    lane->second->next_over = std::min(lane->second->next_over, later(came, *settings_.retry_for));
}

/// The message that was tried least, and among those the first; never one before another of the same alert.
std::optional<std::size_t> Courier::next_of(const Lane& lane, clock::time_point now, clock::time_point& soonest) {
  std::optional<std::size_t> best;
  std::set<std::string_view> waiting;
  for (std::size_t i = 0; i < lane.queue.size(); ++i) {
    const Entry& entry = lane.queue[i];
    if (!entry.message.dedup.empty() && !waiting.insert(entry.message.dedup).second) continue;
    if (entry.not_before > now) {
      soonest = std::min(soonest, entry.not_before);
    } else if (!best || entry.failures < lane.queue[*best].failures) {
      best = i;
      if (entry.failures == 0) break;
    }
  }
  return best;
}

void Courier::begin(Lane& lane, clock::time_point now) {
  if (lane.queue.empty() || lane.worker.busy()) return;
  if (lane.not_before > now) {
    soonest_ = std::min(soonest_, lane.not_before);
    return;
  }
  const auto next = next_of(lane, now, soonest_);
  if (!next) return;
  if (const auto ready = lane.bucket.ready_at(now); ready > now) {
    soonest_ = std::min(soonest_, ready);
    return;
  }
  lane.bucket.take();
  lane.under_way = *next;
  ++lane.queue[*next].message.attempts;
  lane.worker.give(lane.queue[*next].message);
}

void Courier::pump() {
  std::uint64_t woken = 0;
  [[maybe_unused]] const ssize_t n = ::read(wake_.get(), &woken, sizeof woken);
  soonest_ = clock::time_point::max();
  for (auto& [name, lane] : lanes_) {
    if (auto sent = lane->worker.take()) on_result(name, *lane, std::move(*sent));
    give_up_overdue(name, *lane, clock::now());
    begin(*lane, clock::now());
  }
  if (journal_) journal_->sync();
  if (history_) history_->sync();
}

void Courier::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  if (soonest_ != clock::time_point::max()) {
    const auto until =
        std::max(std::chrono::ceil<std::chrono::milliseconds>(soonest_ - clock::now()), std::chrono::milliseconds(0));
    limit = limit < std::chrono::milliseconds(0) ? until : std::min(limit, until);
  }
  std::array<pollfd, 1> own{{{wake_.get(), POLLIN, 0}}};
  wait_for(own, also, limit);
}

void Courier::on_result(const std::string& name, Lane& lane, Sent sent) {
  using Outcome = Sent::Outcome;
  if (sent.outcome == Outcome::stopped) return;
  if (sent.outcome == Outcome::later || sent.outcome == Outcome::uncertain) return on_failure(name, lane, sent);
  const Entry& entry = lane.queue[lane.under_way];
  lane.failures = 0;
  lane.not_before = {};
  lane.away_since.reset();
  lane.failed_messages = 0;
  if (sent.outcome == Outcome::delivered) {
    note(entry.message, "delivered", sent);
    write_journal('D', entry.message, sent.answer);
    if (lane.is_failing) log_.info(fmt::format("{}: messages arrive again", name));
    lane.is_failing = false;
    ++delivered_;
  } else {
    refuse(name, entry.message, std::move(sent));
  }
  remove(lane, lane.under_way);
}

void Courier::on_failure(const std::string& name, Lane& lane, const Sent& sent) {
  Entry& entry = lane.queue[lane.under_way];
  const auto now = clock::now();
  ++failed_attempts_;
  if (entry.failures == 0) ++lane.failed_messages;
  if (!entry.failing_since) entry.failing_since = now;
  const bool is_away = sent.concerns_all || sent.after || lane.failed_messages >= failed_messages_of_a_channel;
  if (is_away && !lane.away_since) lane.away_since = now;
  lane.next_over = {};
  lane.answer = entry.answer = sent.answer;
  put_off(lane, entry, sent);
  if (over_at(lane, entry).value_or(clock::time_point::max()) <= now) {
    give_up(name, entry, entry.answer);
    return remove(lane, lane.under_way);
  }
  if (!lane.is_failing) log_.warn(fmt::format("{}: {}; trying again", name, sent.answer));
  lane.is_failing = true;
  note(entry.message, name_of(sent.outcome), sent);
}

void Courier::put_off(Lane& lane, Entry& entry, const Sent& sent) {
  ++entry.failures;
  if (sent.outcome == Sent::Outcome::uncertain) entry.message.may_have_arrived = true;
  // Where the fault is the service's, the others of the channel would fare the same: all wait.
  const bool all_wait = sent.concerns_all || sent.after;
  lane.failures = all_wait ? lane.failures + 1 : 0;
  Duration pause = lane.back_off.pause(all_wait ? lane.failures : entry.failures);
  if (sent.after) pause = std::max(pause, *sent.after);
  const auto until = later(clock::now(), pause);
  if (all_wait)
    lane.not_before = until;
  else
    entry.not_before = until;
}

/// When --retry-for gives a message up: its own attempts fail, or its channel has taken nothing since it came.
std::optional<Courier::clock::time_point> Courier::over_at(const Lane& lane, const Entry& entry) const {
  if (!settings_.retry_for) return std::nullopt;
  std::optional<clock::time_point> since = entry.failing_since;
  if (lane.away_since)
    since = std::min(since.value_or(clock::time_point::max()), std::max(*lane.away_since, entry.came));
  if (!since) return std::nullopt;
  return later(*since, *settings_.retry_for);
}

/// Gives up every message whose time is over, but for the one under way: its answer may be that it has arrived.
void Courier::give_up_overdue(const std::string& name, Lane& lane, clock::time_point now) {
  if (!settings_.retry_for) return;
  if (lane.next_over <= now) {
    lane.next_over = clock::time_point::max();
    std::deque<Entry> left;
    std::optional<std::size_t> under_way;
    for (std::size_t i = 0; i < lane.queue.size(); ++i) {
      Entry& entry = lane.queue[i];
      const bool is_under_way = lane.worker.busy() && i == lane.under_way;
      const auto over = over_at(lane, entry);
      if (over && *over <= now && !is_under_way) {
        give_up(name, entry, entry.answer.empty() ? lane.answer : entry.answer);
        --left_;
        left_bytes_ -= entry.message.bytes();
        continue;
      }
      if (over && !is_under_way) lane.next_over = std::min(lane.next_over, *over);
      if (is_under_way) under_way = left.size();
      left.push_back(std::move(entry));
    }
    lane.queue = std::move(left);
    lane.under_way = under_way.value_or(0);
  }
  if (lane.next_over != clock::time_point::max()) soonest_ = std::min(soonest_, lane.next_over);
}

void Courier::give_up(const std::string& name, const Entry& entry, const std::string& answer) {
  const std::string reason = fmt::format("given up after {}: {}", format_duration(*settings_.retry_for), answer);
  refuse(name, entry.message, {Sent::Outcome::refused, reason, {}, false});
}

Courier::Left Courier::give_up_all(const std::string& reason) {
  Left left;
  for (auto& [name, lane] : lanes_) {
    if (auto sent = lane->worker.take()) on_result(name, *lane, std::move(*sent));
    for (std::size_t i = 0; i < lane->queue.size(); ++i) {
      const Entry& entry = lane->queue[i];
      std::string answer = entry.answer.empty() ? lane->answer : entry.answer;
      if (lane->worker.busy() && i == lane->under_way) answer = "an attempt was under way: it may have arrived";
      if (answer.empty()) answer = "not tried";
      if (left.messages++ == 0 || entry.message.line < left.first.line) {
        left.first = entry.message;
        left.answer = answer;
      }
      refuse(name, entry.message,
             {Sent::Outcome::refused, fmt::format("given up as {}: {}", reason, answer), {}, false});
    }
    for (const Entry& entry : lane->queue) left_bytes_ -= entry.message.bytes();
    left_ -= lane->queue.size();
    lane->queue.clear();
  }
  if (history_) history_->sync();
  return left;
}

/// Notes a message that has come to nothing, and makes it a reject; it is still in its queue.
void Courier::refuse(const std::string& name, const Message& message, Sent sent) {
  note(message, "refused", sent);
  write_journal('R', message, sent.answer);
  refused_(message, fmt::format("{} refuses it: {}", name, sent.answer));
}

void Courier::remove(Lane& lane, std::size_t at) {
  left_bytes_ -= lane.queue[at].message.bytes();
  lane.queue.erase(lane.queue.begin() + static_cast<std::ptrdiff_t>(at));
  --left_;
}

void Courier::note(const Message& message, std::string_view state, const Sent& sent) {
  if (history_) history_->append(history_line(message, state, sent.answer, now(), sent.after));
}

void Courier::write_journal(char mark, const Message& message, std::string_view reason) {
  if (!journal_) return;
  std::string line;
  ObjectWriter(line)
      .string("id", message.id)
      .string("channel", message.channel)
      .string("mark", std::string_view(&mark, 1))
      .string("reason", reason)
      .end();
  journal_->append(line);
}

void Courier::state(StateArchive& archive) {
  auto count = archive.size(left_);
  if (archive.saving()) {
    for (auto& [name, lane] : lanes_)
      for (Entry& entry : lane->queue) archive.value(entry.message);
    return;
  }
  for (; count > 0; --count) {
    Message message;
    archive.value(message);
    message.may_have_arrived = true;
    add(std::move(message));
  }
}

void Courier::apply_journal() {
  if (!journal_ || journal_->empty()) return;
  FieldSet fields;
  const FieldId id = fields.add("id"), channel = fields.add("channel");
  const FieldId mark = fields.add("mark"), reason = fields.add("reason");
  RecordParser parser(fields);
  const std::string bytes = state::read_file(settings_.journal, largest_journal).value_or("");
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string::npos) break;
    const Record* const line = parser.parse_copy(std::string_view(bytes).substr(at, end - at), 1);
    at = end + 1;
    if (line == nullptr) continue;
    const auto lane = lanes_.find(std::string((*line)[channel].text));
    if (lane == lanes_.end()) continue;
    std::deque<Entry>& queue = lane->second->queue;
    const auto found = std::find_if(queue.begin(), queue.end(),
                                    [&](const Entry& each) { return each.message.id == (*line)[id].text; });
    if (found == queue.end()) continue;
    if ((*line)[mark].text == "R")
      refused_(found->message, fmt::format("{} refuses it: {}", lane->first, (*line)[reason].text));
    remove(*lane->second, static_cast<std::size_t>(found - queue.begin()));
  }
}

void Courier::clear_journal() {
  if (journal_) journal_->clear();
}

}  // namespace weir::alert_notify
