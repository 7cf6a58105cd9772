// All checks side by side, and the last result of each.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "probes.hpp"

namespace weir::pipe_health {

/// A check and what it found last.
struct State {
  Target target;
  std::optional<Result> result{};
  std::chrono::system_clock::time_point at{};     ///< of the result
  std::chrono::system_clock::time_point since{};  ///< of the first result in a row with the same health
  std::uint64_t runs = 0, failures = 0;
};

/// Asks every place on a thread of its own, so that one that is away holds up no other.
class Checker {
 public:
  using Checks = std::vector<std::pair<Target, Probe>>;
  enum class Often : std::uint8_t { once, again };

  /// Begins. With `again` each check is asked so long after its last answer.
  Checker(Checks checks, std::chrono::nanoseconds limit, std::chrono::nanoseconds every, Often often);
  ~Checker() { stop(); }
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  /// Asks no more, and returns whether no thread is asking soon after. Otherwise the process must not run its exit
  /// handlers.
  bool stop();
  /// Waits until every check has an answer, for a while longer than the limit of one. Returns whether all have.
  bool wait_for_all() const;
  /// A copy of what is known now. A check that should have answered again by now, and has not, is a problem.
  std::vector<State> states() const;

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared, std::size_t index, Probe probe);
  std::shared_ptr<Shared> shared_;
  std::vector<std::thread> threads_;
};

}  // namespace weir::pipe_health
