#include "sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "gzip/deflate.hpp"
#include "influx/answer.hpp"

namespace weir::influx_load {
namespace {

/// Bytes from which on a body is compressed: a shorter one takes both sides longer to compress than to send.
constexpr std::size_t least_compressed = 16 << 10;

}  // namespace

Sender::Sender(Settings settings, Log& log, Refused refused)
    : settings_(std::move(settings)),
      refused_(std::move(refused)),
      client_(settings_.access.client),
      attempts_(settings_.retry_for, "write to", log) {}

void Sender::begin(const state::Outbox& points) {
  points_ = &points;
  left_.clear();
  // As many points in a request as fit, the last ones first: left_ is a stack.
  std::size_t begin = 0;
  std::size_t bytes = 0;
  std::vector<Range> ranges;
  for (std::size_t at = 0; at < points.size(); ++at) {
    const std::size_t size = points[at].payload.size() + 1;
    if (at > begin && (at - begin >= settings_.batch || bytes + size > settings_.batch_bytes)) {
      ranges.push_back({begin, at});
      begin = at;
      bytes = 0;
    }
    bytes += size;
  }
  if (begin < points.size()) ranges.push_back({begin, points.size()});
  left_.assign(ranges.rbegin(), ranges.rend());
  if (left_.empty()) points_ = nullptr;
}

void Sender::pump() {
  while (busy()) {
    if (!under_way_) {
      if (!attempts_.may_begin()) return;
      send();
    }
    done_.clear();
    client_.perform(done_);
    if (done_.empty()) return;
    under_way_ = false;
    on_response(done_.front().response);
    if (left_.empty()) points_ = nullptr;
  }
}

void Sender::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  if (busy() && !under_way_) limit = attempts_.pause(limit);
  client_.wait(also, limit);
}

void Sender::send() {
  const Range range = left_.back();
  std::string body;
  for (std::size_t at = range.begin; at < range.end; ++at) {
    body += (*points_)[at].payload;
    body += '\n';
  }
  http::Request request;
  request.url = settings_.url;
  request.timeout = settings_.timeout;
  request.headers = settings_.access.headers;
  request.headers.emplace_back("Content-Type: text/plain; charset=utf-8");
  request.login = settings_.access.login;
  if (settings_.gzip && body.size() >= least_compressed) {
    request.headers.emplace_back("Content-Encoding: gzip");
    body = gzip::compressed(body);
  }
  request.body = std::move(body);
  client_.start(1, std::move(request));
  under_way_ = true;
}

void Sender::on_response(const http::Response& response) {
  using http::Failure;
  if (response.failure == Failure::tls || response.failure == Failure::not_allowed)
    throw std::runtime_error("the server cannot be used: " + response.error);
  // The status alone tells what became of the points, also where the rest of the answer was cut.
  const bool has_status = response.status != 0 && (response.failure == Failure::none || response.status < 300);
  if (!has_status) return attempts_.failed(response.error, response);
  const std::string reason = fmt::format("{}: {}", response.status, influx::text_of(response.body));
  switch (influx::outcome_of(response.status, response.body)) {
    case influx::Outcome::written:
      left_.pop_back();
      attempts_.succeeded();
      return;
    case influx::Outcome::refused:
    case influx::Outcome::too_large:
      attempts_.succeeded();
      return split(reason);
    case influx::Outcome::retry:
      return attempts_.failed(reason, response);
    case influx::Outcome::end:
      throw std::runtime_error("the server answered " + reason);
  }
}

/// Some points were refused, and perhaps not named: halves are sent, down to the single point.
void Sender::split(const std::string& reason) {
  const Range range = left_.back();
  left_.pop_back();
  if (range.end - range.begin == 1) return refused_(range.begin, reason);
  const std::size_t middle = range.begin + (range.end - range.begin) / 2;
  left_.push_back({middle, range.end});
  left_.push_back({range.begin, middle});
}

}  // namespace weir::influx_load
