// Requests that are refused before their records are read.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/log.hpp"

namespace weir::requests {

/// Reports requests that are refused: the first of each code when it happens, the others once a minute at most and at
/// the end. Their senders have been told, so they do not change the exit status. For one thread at a time.
class Refusals {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Refusals(Clock::duration every = std::chrono::minutes(1)) : every_(every) {}

  /// Notes a request of the sender `from` that was answered with `code` (`413`) for this reason.
  void note(std::string_view code, std::string_view reason, std::string_view from, Clock::time_point now, Log& log);
  /// Reports those that have not been reported.
  void report(Log& log);

 private:
  struct Kind {
    std::string code;
    std::string reason{}, from{};  ///< of the last request
    std::uint64_t unreported = 0;
    Clock::time_point reported{};
  };
  static void report(Kind& kind, Log& log);

  Clock::duration every_;
  std::vector<Kind> kinds_;
};

}  // namespace weir::requests
