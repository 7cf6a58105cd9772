#include "pipeline/input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "cli/signals.hpp"
#include "pipeline/stop_limit.hpp"

namespace weir {
namespace {

using clock = std::chrono::steady_clock;

class OpenFile {
 public:
  OpenFile(const std::string& path, int standard_input)
      : fd_(path == "-" ? standard_input : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)), owned_(path != "-") {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
  }
  ~OpenFile() {
    if (owned_) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
  bool owned_;
};

}  // namespace

Input::Input(const InputOptions& options, LineLoop& lines, Hooks hooks, int standard_input)
    : options_(options), lines_(lines), hooks_(std::move(hooks)), standard_input_(standard_input) {
  require_files(options_.files);
}

bool Input::past_grace() {
  if (!cli::stop_requested()) return false;
  if (grace_end_ == clock::time_point::max())
    grace_end_ = options_.state.on() ? stop_deadline() : clock::now() + usual_grace;
  return clock::now() >= grace_end_;
}

Input::End Input::read_file(int fd) {
  LineReader& reader = reader_.emplace(fd, options_.max_line);
  for (;;) {
    if (past_grace()) return End::stop;
    std::array<pollfd, 1> input{{{fd, POLLIN, 0}}};
    wait_for(input, WaitLimit::zero());
    if (input[0].revents == 0) {
      hooks_.on_block(InputFlow::paused);
      // The hook waits for a stop request too; after one only the grace is left.
      const WaitLimit limit = cli::stop_requested() ? WaitLimit(50) : no_limit;
      hooks_.wait(input, limit);
      continue;
    }
    const LineReader::Fill fill = reader.fill();
    lines_.prepare(reader.pending());
    while (const auto line = reader.next()) lines_.take(*line);
    if (fill == LineReader::Fill::end) return End::file;
    hooks_.on_block(InputFlow::more);
  }
}

std::optional<std::string> Input::last_bytes() {
  if (!reader_) return std::nullopt;
  std::array<pollfd, 1> writers{{{reader_->fd(), 0, 0}}};
  wait_for(writers, WaitLimit::zero());
  if ((writers[0].revents & POLLHUP) == 0) return std::nullopt;
  constexpr std::size_t some_lines = 1024;
  return reader_->read_to_end(some_lines);
}

void Input::run() {
  static const std::vector<std::string> standard_input{"-"};
  for (const std::string& path : options_.files.empty() ? standard_input : options_.files) {
    const OpenFile file(path, standard_input_);
    lines_.set_file(path == "-" ? "" : path);
    if (read_file(file.fd()) == End::stop) return;
  }
}

}  // namespace weir
