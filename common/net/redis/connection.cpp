#include "net/redis/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "net/redis/command.hpp"

namespace weir::redis {
namespace {

constexpr auto attempt_limit = std::chrono::seconds(10);
/// How often the stop request's check is called.
constexpr auto check_every = std::chrono::milliseconds(100);

}  // namespace

/// Waits for a descriptor (a negative one: for none). Returns false when the time is over.
bool Connection::wait(pollfd& ready, clock::time_point until) {
  for (;;) {
    const clock::time_point end = stopping_ ? std::min(until, clock::now() + check_every) : until;
    int limit = -1;
    if (end != clock::time_point::max()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now()).count();
      limit = static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
    }
    polled_.assign(1, ready);
    if (!stopping_) polled_.insert(polled_.end(), stop_.descriptors.begin(), stop_.descriptors.end());
    const int count = ::poll(polled_.data(), polled_.size(), limit);
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    if (count < 0) continue;
    stopping_ = stopping_ ||
                std::any_of(polled_.begin() + 1, polled_.end(), [](const pollfd& each) { return each.revents != 0; });
    if (stopping_ && stop_.check) stop_.check();
    ready.revents = polled_.front().revents;
    if (ready.revents != 0) return true;
    if (clock::now() >= until) return false;
  }
}

void Connection::open() {
  close();
  const auto until = clock::now() + attempt_limit;
  transport_.open(settings_, [&](pollfd& ready) { return wait(ready, until); });
  std::string hello;
  std::size_t replies = 0;
  if (settings_.password) {
    if (settings_.user == "default")
      append_command(hello, {"AUTH", *settings_.password});  // as servers before Redis 6 know it
    else
      append_command(hello, {"AUTH", settings_.user, *settings_.password});
    ++replies;
  }
  if (settings_.database != 0) {
    append_command(hello, {"SELECT", std::to_string(settings_.database)});
    ++replies;
  }
  append_command(hello, {"PING"});
  ++replies;
  send(hello);
  while (replies > 0) {
    pump();
    if (const auto reply = next_reply()) {
      --replies;
      if (!reply->is_error()) continue;
      close();
      throw ServerError(*reply);
    }
    pollfd ready = descriptor();
    if (wait(ready, until)) continue;
    close();
    throw ConnectionLost("the server did not answer within 10s");
  }
}

void Connection::close() {
  transport_.close();
  reader_ = ReplyReader();
  outgoing_.clear();
  sent_ = 0;
}

void Connection::lose(const ConnectionLost& loss) {
  const ConnectionLost kept = loss;
  close();
  throw kept;
}

void Connection::send(std::string_view commands) {
  if (!is_open()) throw ConnectionLost("there is no connection");
  if (sent_ == outgoing_.size()) {
    outgoing_.clear();
    sent_ = 0;
  }
  outgoing_ += commands;
}

void Connection::pump() {
  if (!is_open()) throw ConnectionLost("there is no connection");
  try {
    while (sent_ < outgoing_.size()) {
      const std::size_t written = transport_.write(std::string_view(outgoing_).substr(sent_));
      if (written == 0) break;
      sent_ += written;
    }
    for (;;) {
      const std::size_t got = transport_.read(incoming_);
      if (got == 0) return;
      reader_.feed({incoming_.data(), got});
    }
  } catch (const ConnectionLost& loss) {
    lose(loss);
  }
}

std::optional<Reply> Connection::next_reply() { return reader_.next(); }

Reply Connection::wait_reply() {
  for (;;) {
    if (auto reply = next_reply()) return std::move(*reply);
    pump();
    if (auto reply = next_reply()) return std::move(*reply);
    pollfd ready = descriptor();
    wait(ready, clock::time_point::max());
  }
}

Reply Connection::call(std::initializer_list<std::string_view> arguments) {
  std::string command;
  append_command(command, arguments);
  send(command);
  Reply reply = wait_reply();
  if (reply.is_error()) throw ServerError(reply);
  return reply;
}

void Connection::pause(std::chrono::milliseconds limit) {
  pollfd none{-1, 0, 0};
  wait(none, clock::now() + limit);
}

std::string Connection::name() const { return fmt::format("{}:{}", settings_.host, settings_.port); }

}  // namespace weir::redis
