#include "pipeline/progress.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace weir {

void Progress::update(std::uint64_t records) {
  if (!wanted_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  const double seconds = std::chrono::duration<double>(now - last_).count();
  const double rate = static_cast<double>(records - last_records_) / seconds;
  fmt::print(stderr, "\r{}: {} records, {:.0f}/s\033[K", tool_, records, rate);
  std::fflush(stderr);
  last_records_ = records;
  last_ = now;
  next_ = now + std::chrono::seconds(1);
  shown_ = true;
}

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace weir
