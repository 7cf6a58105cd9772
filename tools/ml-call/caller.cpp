#include "caller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "net/http/retry.hpp"
#include "record/value_checks.hpp"

namespace weir::ml_call {
namespace {

constexpr Duration longest_pause = std::chrono::minutes(1);
constexpr std::size_t most_bytes = std::size_t{16} << 20;

bool helps_to_retry(const http::Response& response) {
  using http::Failure;
  if (response.failure != Failure::none)
    return response.failure != Failure::too_large && response.failure != Failure::not_allowed &&
           response.failure != Failure::tls;
  return response.status == 408 || response.status == 429 || response.status >= 500;
}

std::string reason_of(const http::Response& response) {
  if (response.failure != http::Failure::none) return response.error;
  std::string reason = fmt::format("the server answers {}", response.status);
  if (!response.body.empty()) {
    std::string text(response.body.substr(0, 200));
    for (char& c : text)
      if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') c = ' ';
    reason += ": " + text;
  }
  return reason;
}

}  // namespace

Caller::Caller(const CallerSettings& settings)
    : settings_(settings),
      client_({.max_connections = static_cast<int>(settings.in_flight),
               .user_agent = "weir ml-call",
               .ca_file = settings.ca_file,
               .cert_file = settings.cert_file,
               .key_file = settings.key_file,
               .connections = http::Connections::kept}),
      pauses_(settings.retry_wait, longest_pause, std::random_device()()) {}

void Caller::send(std::uint64_t id, std::string body, Tries tries) {
  Request& request = requests_[id];
  request.body = std::move(body);
  if (tries == Tries::one) request.attempts = settings_.retries;
  start(id, request);
}

void Caller::start(std::uint64_t id, Request& request) {
  request.due.reset();
  ++request.attempts;
  http::Request sent;
  sent.url = settings_.url;
  sent.timeout = settings_.timeout;
  sent.max_body = most_bytes;
  sent.body = request.body;
  sent.headers = settings_.headers;
  sent.login = settings_.login;
  client_.start(id, std::move(sent));
}

void Caller::perform(std::vector<Answered>& done) {
  const auto now = clock::now();
  for (auto& [id, request] : requests_)
    if (request.due && *request.due <= now) start(id, request);
  finished_.clear();
  client_.perform(finished_);
  for (auto& [id, response] : finished_) finish(id, std::move(response), done);
}

void Caller::finish(std::uint64_t id, http::Response response, std::vector<Answered>& done) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  const bool answered = response.failure == http::Failure::none;
  if (answered && response.status / 100 == 2) {
    done.push_back({id, std::move(response.body)});
    requests_.erase(found);
    return;
  }
  const int status = answered ? response.status : 0;
  if (response.failure == http::Failure::tls || status == 401 || status == 403 || status == 404 || status == 405)
    throw std::runtime_error(reason_of(response));
  Request& request = found->second;
  if (helps_to_retry(response) && request.attempts <= settings_.retries) {
    Duration pause = pauses_.pause(static_cast<unsigned>(request.attempts));
    if (const auto header = response.header("retry-after"))
      if (const auto asked = http::parse_retry_after(*header, Time(std::chrono::system_clock::now())))
        pause = std::max(pause, std::min(*asked, longest_pause));
    request.due = clock::now() + pause;
    return;
  }
  // A row may also be what the server breaks down at.
  const bool may_be_a_row =
      (status >= 400 && status != 408 && status != 429) || response.failure == http::Failure::broken;
  done.push_back({id, {}, reason_of(response), may_be_a_row, helps_to_retry(response)});
  requests_.erase(found);
}

void Caller::wait(std::span<pollfd> also, WaitLimit limit) {
  for (const auto& [id, request] : requests_) {
    if (!request.due) continue;
    const auto left = std::chrono::ceil<WaitLimit>(std::max(*request.due - clock::now(), clock::duration::zero()));
    limit = limit < WaitLimit::zero() ? left : std::min(limit, left);
  }
  client_.wait(also, limit);
}

}  // namespace weir::ml_call
