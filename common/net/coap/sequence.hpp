// The order of notifications (RFC 7641, 3.4).
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::coap {

/// Tells notifications that the network has overtaken from new ones.
class Sequence {
 public:
  using Clock = std::chrono::steady_clock;

  /// Whether a notification with that number, of 24 bits, is newer than all before it.
  bool is_new(std::uint32_t number, Clock::time_point now) {
    constexpr std::uint32_t half = 1U << 23U;
    constexpr std::chrono::seconds longest{128};
    const bool newer = !last_ || (*last_ < number && number - *last_ < half) ||
                       (*last_ > number && *last_ - number > half) || now - time_ > longest;
    if (!newer) return false;
    last_ = number;
    time_ = now;
    return true;
  }

 private:
  std::optional<std::uint32_t> last_;
  Clock::time_point time_;
};

}  // namespace weir::coap
