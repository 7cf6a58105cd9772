#include "net/influx/attempts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "net/http/retry.hpp"

namespace weir::influx {

void Attempts::failed(const std::string& reason, const http::Response& response) {
  if (!failing_since_) {
    failing_since_ = clock::now();
    log_.warn(reason + "; trying again");
  }
  if (retry_for_ && clock::now() - *failing_since_ >= *retry_for_)
    throw std::runtime_error(fmt::format("cannot {} the server: {}", verb_, reason));
  Duration pause = back_off_.next();
  if (const auto header = response.header("retry-after")) {
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    pause = std::max(pause, http::parse_retry_after(*header, now).value_or(pause));
  }
  not_before_ = clock::now() + std::chrono::duration_cast<clock::duration>(pause);
  if (retry_for_)
    not_before_ = std::min(not_before_, *failing_since_ + std::chrono::ceil<clock::duration>(*retry_for_));
}

std::chrono::milliseconds Attempts::pause(std::chrono::milliseconds limit) const {
  const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(not_before_ - clock::now()),
                             std::chrono::milliseconds::zero());
  return limit < std::chrono::milliseconds::zero() ? left : std::min(limit, left);
}

}  // namespace weir::influx
