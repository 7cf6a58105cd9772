#include "state_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "state/stage_folder.hpp"

namespace weir::pipe_run {

void StateLine::show(std::uint64_t restarts) {
  const auto now = std::chrono::steady_clock::now();
  if (!wanted_ || now < next_) return;
  next_ = now + std::chrono::seconds(1);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - began_).count();
  const char* const folder = std::getenv("WEIR_STATE");
  const std::string epoch = folder == nullptr ? "" : fmt::format(", epoch {}", state::RunFolder(folder).committed());
  fmt::print(stderr, "\rpipe-run: {}:{:02}:{:02}{}, {} restart{}\x1b[K", seconds / 3600, seconds / 60 % 60,
             seconds % 60, epoch, restarts, restarts == 1 ? "" : "s");
  shown_ = true;
}

void StateLine::clear() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
  shown_ = false;
}

}  // namespace weir::pipe_run
