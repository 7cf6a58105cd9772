// The state of a running pipeline on a terminal.
#pragma once
#include <chrono>
#include <cstdint>

namespace weir::pipe_run {

/// A line on a terminal, overwritten once a second: run time, committed epoch, restarts.
class StateLine {
 public:
  explicit StateLine(bool wanted) : wanted_(wanted) {}
  ~StateLine() { clear(); }
  StateLine(const StateLine&) = delete;
  StateLine& operator=(const StateLine&) = delete;

  void show(std::uint64_t restarts);
  void clear();

 private:
  bool wanted_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = began_;
};

}  // namespace weir::pipe_run
