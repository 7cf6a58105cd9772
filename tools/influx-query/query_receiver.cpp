#include "query_receiver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "flux_reader.hpp"
#include "influx/answer.hpp"
#include "influxql_reader.hpp"
#include "json_lines_reader.hpp"
#include "record/counted.hpp"
#include "state/line_escape.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {
namespace {

constexpr std::size_t window = 256 * 1024;  ///< bytes of an answer that wait
constexpr std::size_t piece = 16 * 1024;
constexpr std::size_t id_digits = 16;
constexpr std::string_view time_member = R"({"timestamp":")";

}  // namespace

QueryReceiver::QueryReceiver(Settings settings)
    : settings_(std::move(settings)),
      client_(settings_.access.client),
      seen_(settings_.seen, [this](std::uint64_t id, std::string_view line) { store(id, line); }) {}

void QueryReceiver::start(SourceHost& host, Inbox& inbox) {
  host_ = &host;
  inbox_ = &inbox;
  attempts_.emplace(settings_.retry_for, "query", host.log());
}

void QueryReceiver::stored(std::string_view line) {
  if (!settings_.every || !line.starts_with('r') || line.size() < 1 + id_digits) return;
  std::uint64_t id = 0;
  std::from_chars(line.data() + 1, line.data() + 1 + id_digits, id, 16);
  line.remove_prefix(1 + id_digits);
  if (!line.starts_with(time_member)) return;
  line.remove_prefix(time_member.size());
  if (const auto time = TimeParser().parse(line.substr(0, line.find('"')))) seen_.add(*time, id);
}

std::unique_ptr<AnswerReader> QueryReceiver::make_reader() {
  const OnRow on_row = [this](const Row& row) { take(row); };
  switch (settings_.answers) {
    case Answers::influxql_chunks:
      return std::make_unique<InfluxqlReader>(on_row);
    case Answers::annotated_csv:
      return std::make_unique<FluxReader>(on_row);
    case Answers::json_lines:
      break;
  }
  return std::make_unique<JsonLinesReader>(on_row);
}

void QueryReceiver::ask() {
  const Time now = settings_.now();
  if (!begin_) begin_ = settings_.since_time.value_or(now - settings_.since);
  const Time since = std::max(*begin_, seen_.from().value_or(*begin_));
  const Time until = settings_.until.value_or(now);
  seen_.begin_answer(since, now, clock::now());
  http::Request request = settings_.request({since, std::max(since, until)});
  request.timeout = settings_.timeout;
  request.window = window;
  request.headers.insert(request.headers.end(), settings_.access.headers.begin(), settings_.access.headers.end());
  request.login = settings_.access.login;
  client_.start(1, std::move(request));
  reader_ = make_reader();
  bytes_.clear();
  read_ = 0;
  response_.reset();
  if (settings_.every) due_ = clock::now() + std::chrono::duration_cast<clock::duration>(*settings_.every);
}

bool QueryReceiver::receive(std::uint64_t most) {
  if (!error_.empty()) throw std::runtime_error(std::exchange(error_, {}));
  if (finished_) return false;
  if (!reader_) {
    if (!is_due()) return false;
    ask();
  }
  added_ = 0;
  if (read_ == bytes_.size() && !response_) {
    bytes_.clear();
    read_ = 0;
    done_.clear();
    client_.perform(done_);
    if (done_.empty()) {
      client_.take(1, bytes_);
    } else {
      response_ = std::move(done_.front().response);
      if (response_->status >= 200 && response_->status < 300) bytes_ = std::move(response_->body);
    }
  }
  try {
    read_some(most);
    if (response_ && read_ == bytes_.size()) conclude(*response_);
  } catch (const AnswerError& error) {
    error_ = error.what();
    if (reader_ && reader_->rows() > 0)
      error_ += fmt::format(" ({} of the answer came before it)", counted(reader_->rows(), "row"));
    client_.give_up();
  }
  return !error_.empty() || !bytes_.empty();
}

void QueryReceiver::read_some(std::uint64_t most) {
  while (read_ < bytes_.size() && added_ < most) {
    const std::string_view some = std::string_view(bytes_).substr(read_, piece);
    read_ += some.size();
    reader_->feed(some);
  }
}

/// The answer has ended, well or not.
void QueryReceiver::conclude(const http::Response& response) {
  const bool good = response.status >= 200 && response.status < 300;
  if (response.failure == http::Failure::tls || response.failure == http::Failure::not_allowed)
    throw AnswerError("the server cannot be used: " + response.error);
  if (response.failure != http::Failure::none) return fail(response.error, response);
  if (!good) {
    const std::string reason = fmt::format("{}: {}", response.status, influx::text_of(response.body));
    if (influx::outcome_of(response.status, "") == influx::Outcome::retry) return fail(reason, response);
    throw AnswerError("the server answered " + reason);
  }
  reader_->finish();
  attempts_->succeeded();
  seen_.end_answer();
  if (seen_.waits())
    due_ = std::min(due_, clock::now() + std::chrono::duration_cast<clock::duration>(settings_.seen.settle));
  not_finite_ += reader_->not_finite();
  reader_.reset();
  finished_ = !settings_.every;
}

/// The query is asked again, unless rows have been written that a second answer would repeat.
void QueryReceiver::fail(const std::string& reason, const http::Response& response) {
  if (!settings_.every && reader_->rows() > 0) throw AnswerError("the answer broke off: " + reason);
  not_finite_ += reader_->not_finite();
  reader_.reset();
  due_ = {};
  try {
    attempts_->failed(reason, response);
  } catch (const std::runtime_error& error) {
    error_ = error.what();
  }
}

void QueryReceiver::take(const Row& row) {
  if (!row.wrong.empty()) return refuse(row.wrong, row.line);
  if (!settings_.every) return store(0, row.line);
  if (!row.time) throw AnswerError("a row has no time, which --every needs to know what is new");
  seen_.take(*row.time, row.line, clock::now());
}

void QueryReceiver::store(std::uint64_t id, std::string_view line) {
  if (line.size() > settings_.max_line)
    return refuse(fmt::format("longer than {} bytes (--max-line)", settings_.max_line), line);
  ++added_;
  line_ = fmt::format("r{:016x}", id);
  line_ += line;
  inbox_->add(line_);
}

void QueryReceiver::refuse(std::string_view reason, std::string_view line) {
  ++added_;
  line_ = fmt::format("x{}\t", reason);
  state::append_escaped(line_, line.substr(0, settings_.max_line));
  inbox_->add(line_);
}

Receiver::Emitted QueryReceiver::emit(std::string_view line, std::uint64_t number, Output& out) {
  if (line.starts_with('r') && line.size() > 1 + id_digits) {
    out.lines += line.substr(1 + id_digits);
    out.lines += '\n';
    return Emitted::record;
  }
  const std::size_t tab = std::min(line.find('\t'), line.size());
  std::string raw;
  state::append_unescaped(raw, line.substr(std::min(tab + 1, line.size())));
  host_->reject(number, raw, line.substr(std::min<std::size_t>(1, tab), tab - std::min<std::size_t>(1, tab)));
  return Emitted::reject;
}

void QueryReceiver::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!reader_ && !finished_) {
    const auto until_due = std::chrono::ceil<WaitLimit>(due_ - clock::now());
    const auto left = std::max({until_due, attempts_->pause(no_limit), WaitLimit::zero()});
    limit = limit == no_limit ? left : std::min(limit, left);
  }
  client_.wait(also, limit);
}

std::string QueryReceiver::summary() const {
  if (not_finite_ == 0) return {};
  return fmt::format("{} left out: JSON has no NaN and no infinity", counted(not_finite_, "value"));
}

}  // namespace weir::influx_query
