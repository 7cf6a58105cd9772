#include "result.hpp"

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "time/duration.hpp"

namespace weir::pipe_health {

Deadline::Deadline(std::chrono::nanoseconds limit)
    : limit_(limit),
      end_(std::chrono::steady_clock::now() + limit),
      descriptor_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  itimerspec spec{};
  spec.it_value.tv_sec = limit.count() / 1'000'000'000;
  spec.it_value.tv_nsec = limit.count() % 1'000'000'000;
  if (descriptor_ < 0 || ::timerfd_settime(descriptor_, 0, &spec, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "a timer");
}

Deadline::~Deadline() { ::close(descriptor_); }

std::chrono::milliseconds Deadline::left() const {
  return std::max(std::chrono::milliseconds(0),
                  std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now()));
}

void Deadline::check() const {
  if (is_over())
    throw TimeIsUp(fmt::format("no answer within {} (--timeout): is the way there open, and is it not overloaded?",
                               format_duration(limit_)));
}

}  // namespace weir::pipe_health
