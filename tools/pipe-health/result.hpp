// What a check found.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir::pipe_health {

struct Result {
  bool healthy = false;
  std::string problem{};  ///< what is wrong and what to do, when it is not healthy
  double took_s = 0;
  std::optional<double> age_s{};         ///< since the last commit
  std::optional<double> lag_s{};         ///< age of the first message that is not read (0: all are), or of final_until
  std::string final_until{};             ///< the time up to which all shards are final; empty: not known
  std::optional<double> round_trip_s{};  ///< of a canary
  std::optional<std::uint64_t> epoch{}, behind{}, spooled{};  ///< epoch committed, messages not read, bytes of spools
  std::optional<std::uint64_t> shards{};                      ///< of a pipeline with shards: those whose state is here
  std::optional<std::uint64_t> slowest{};                     ///< the one whose last commit is the oldest
};

/// A check could not come to its end in its time.
class TimeIsUp : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// When a check must be done: a point in time, and a descriptor that is readable from then on.
class Deadline {
 public:
  explicit Deadline(std::chrono::nanoseconds limit);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool is_over() const { return std::chrono::steady_clock::now() >= end_; }
  std::chrono::milliseconds left() const;
  std::chrono::nanoseconds limit() const { return limit_; }
  int descriptor() const { return descriptor_; }
  /// Throws TimeIsUp once it is over.
  void check() const;

 private:
  std::chrono::nanoseconds limit_;
  std::chrono::steady_clock::time_point end_;
  int descriptor_;
};

}  // namespace weir::pipe_health
