#include "poll_receiver.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <exception>
#include <utility>

#include "record/field_set.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"
#include "state/epoch_file.hpp"

namespace weir::owm_poll {
namespace {

Moment now() {
  return {std::chrono::steady_clock::now().time_since_epoch(),
          std::chrono::floor<Duration>(std::chrono::system_clock::now())};
}

/// Splits a stored line `NANOSECONDS RECORD`; the time is the reading's own.
std::pair<Time, std::string_view> parts_of(std::string_view line) {
  std::int64_t count = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), count);
  const auto size = static_cast<std::size_t>(read.ptr - line.data());
  if (read.ec != std::errc{} || size == line.size() || line[size] != ' ')
    throw state::Unusable("the spool has a line that is not a record of owm-poll: start with a new state folder");
  return {Time(Duration(count)), line.substr(size + 1)};
}

}  // namespace

PollReceiver::PollReceiver(PollSettings settings, std::unique_ptr<Provider> provider, std::vector<City> cities,
                           const PollFiles& files, const http::ClientOptions& http)
    : settings_(settings),
      provider_(std::move(provider)),
      cities_(std::move(cities)),
      cache_(files.cache),
      sent_file_(files.sent),
      client_(http) {}

void PollReceiver::start(SourceHost& host, Inbox& inbox) {
  host_ = &host;
  inbox_ = &inbox;
  if (cache_.skipped() > 0)
    host.log().warn(fmt::format("--cache: {} lines are not places and are dropped", cache_.skipped()));
  poller_.emplace(settings_, *provider_, cache_, cities_, host.log());
  stored_ = sent_file_.load();
}

void PollReceiver::stored(std::string_view line) {
  FieldSet fields;
  const FieldId city = fields.add("city");
  RecordParser parser(fields);
  const auto [time, text] = parts_of(line);
  const Record* record = parser.parse_copy(text, 1);
  if (record != nullptr && (*record)[city].kind == Kind::string) stored_[std::string((*record)[city].text)].note(time);
}

void PollReceiver::state(StateArchive& archive) {
  archive.map(stored_, [&](SentReadings& readings) { archive.value(readings); });
}

bool PollReceiver::receive(std::uint64_t) {
  if (!std::exchange(begun_, true)) poller_->remember(stored_);
  advance();
  add_taken();
  return false;
}

void PollReceiver::advance() {
  do {
    done_.clear();
    client_.perform(done_);
    for (const auto& [id, response] : done_) poller_->answered(id, response, now());
    calls_.clear();
    poller_->advance(now(), calls_);
    for (Poller::Call& call : calls_) client_.start(call.id, std::move(call.request));
  } while (!calls_.empty());
  if (!poller_->looking_up()) save_cache();
}

/// Adds the poller's finished records.
void PollReceiver::add_taken() {
  poller_->take(lines_, marks_);
  std::string_view rest = lines_;
  for (const Poller::Mark& mark : marks_) {
    line_.clear();
    append_number(line_, mark.reading.time_since_epoch().count());
    line_ += ' ';
    line_ += rest.substr(0, mark.size - 1);
    inbox_->add(line_);
    stored_[mark.city].note(mark.reading);
    rest.remove_prefix(mark.size);
  }
  lines_.clear();
  marks_.clear();
}

Receiver::Emitted PollReceiver::emit(std::string_view line, std::uint64_t, Output& out) {
  out.lines += parts_of(line).second;
  out.lines += '\n';
  return Emitted::record;
}

void PollReceiver::wait(std::span<pollfd> also, WaitLimit limit) {
  if (const auto wake = poller_->wake(now())) {
    const auto until = std::chrono::ceil<WaitLimit>(*wake);
    if (limit < WaitLimit::zero() || until < limit) limit = until;
  }
  client_.wait(also, limit);
}

void PollReceiver::flush() {
  save_cache();
  add_taken();
}

/// Without the cache the next run looks names up again: an error to report, not a reason to stop.
void PollReceiver::save_cache() {
  try {
    cache_.save();
  } catch (const std::exception& problem) {
    keeping_failed_ = true;
    host_->log().error(fmt::format("--cache: the places looked up could not be saved: {}", problem.what()));
  }
}

/// Without --state: notes the readings that were sent.
void PollReceiver::acknowledge() {
  if (!sent_file_.wanted()) return;
  try {
    sent_file_.save(stored_);
  } catch (const std::exception& problem) {
    keeping_failed_ = true;
    host_->log().error(
        fmt::format("--sent: the sent readings could not be saved, and will be sent again: {}", problem.what()));
  }
}

}  // namespace weir::owm_poll
