#include "read_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace weir::csv_tail {
namespace {

constexpr std::size_t block = 128 * 1024;

}  // namespace

ReadFiles::ReadFiles(RowSettings settings, std::vector<std::string> files)
    : settings_(std::move(settings)), files_(std::move(files)) {}

ReadFiles::~ReadFiles() { close_file(); }

void ReadFiles::close_file() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
  fd_ = -1;
}

/// False when opening was interrupted: ask again.
bool ReadFiles::open_next() {
  const std::string& path = files_[opened_];
  fd_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0 && errno == EINTR) return false;
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
  ++opened_;
  const std::string name = path == "-" ? "" : path;
  rejects_->set_file(name);
  records_.emplace(settings_, name, *rejects_);
  return true;
}

Source::Step ReadFiles::next(Output& out) {
  if (fd_ < 0) {
    if (opened_ == files_.size()) return Step::end;
    if (!open_next()) return Step::more;
  }
  std::array<pollfd, 1> input{{{fd_, POLLIN, 0}}};
  wait_for(input, WaitLimit::zero());
  if (input[0].revents == 0) return Step::idle;
  const ssize_t n = ::read(fd_, records_->room(block), block);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return Step::more;
  if (n < 0) throw std::system_error(errno, std::generic_category(), files_[opened_ - 1]);
  if (n > 0) {
    records_->added(static_cast<std::size_t>(n));
    records_->take(out);
  } else {
    records_->finish(out);
    close_file();
  }
  return Step::more;
}

void ReadFiles::wait(std::span<pollfd> also, WaitLimit limit) {
  std::array<pollfd, 4> all{{{fd_, POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  std::copy(also.begin(), also.end(), all.begin() + 1);
  wait_for(all, limit);
  std::copy_n(all.begin() + 1, also.size(), also.begin());
}

}  // namespace weir::csv_tail
