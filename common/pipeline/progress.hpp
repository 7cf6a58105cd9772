// How far a long run has come.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace weir {

/// A line on standard error, overwritten once a second from the third second on: records and their rate.
class Progress {
 public:
  Progress(std::string tool, bool wanted) : tool_(std::move(tool)), wanted_(wanted) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Call once a block.
  void update(std::uint64_t records);
  void clear();

 private:
  std::string tool_;
  bool wanted_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = started_ + std::chrono::seconds(3);
  std::uint64_t last_records_ = 0;
  std::chrono::steady_clock::time_point last_ = started_;
};

}  // namespace weir
