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

Input::Input(const InputOptions& options, LineLoop& lines, Hooks hooks, int standard_input, ReadAhead* ahead)
    : options_(options), lines_(lines), hooks_(std::move(hooks)), standard_input_(standard_input), ahead_(ahead) {
  require_files(options_.files);
}

bool Input::past_grace() {
  if (!cli::stop_requested()) return false;
  if (grace_end_ == clock::time_point::max())
    grace_end_ = options_.state.on() ? stop_deadline() : clock::now() + usual_grace;
  return clock::now() >= grace_end_;
}

/// Whether there are no bytes at the moment; then it waits for some, for a while.
bool Input::awaits_bytes(int fd) {
  std::array<pollfd, 1> input{{{fd, POLLIN, 0}}};
  wait_for(input, WaitLimit::zero());
  if (input[0].revents != 0) return false;
  hooks_.on_block(InputFlow::paused);
  // The hook waits for a stop request too; after one only the grace is left.
  const WaitLimit limit = cli::stop_requested() ? WaitLimit(50) : no_limit;
  hooks_.wait(input, limit);
  return true;
}

Input::End Input::read_ahead(int fd) {
  ahead_->open(fd);
  std::uint64_t number = 0;
  for (;;) {
    if (past_grace()) return End::stop;
    const ReadBlock* block = nullptr;
    switch (ahead_->next(block)) {
      case ReadAhead::Next::end:
        return End::file;
      case ReadAhead::Next::input:
        if (!awaits_bytes(fd)) ahead_->wait_over();
        break;
      case ReadAhead::Next::block:
        lines_.take_block(*block, options_.max_line, number);
        ahead_->release();
        hooks_.on_block(InputFlow::more);
        break;
    }
  }
}

Input::End Input::read_file(int fd) {
  if (ahead_ != nullptr) return read_ahead(fd);
  LineReader& reader = reader_.emplace(fd, options_.max_line);
  for (;;) {
    if (past_grace()) return End::stop;
    if (awaits_bytes(fd)) continue;
    const LineReader::Fill fill = reader.fill();
    lines_.prepare(reader.pending());
    lines_.take_all(reader);
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

void Input::stop_between_lines() {
  lines_.set_stop([this] { return past_grace(); });
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
