#include "read_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "state/files.hpp"

namespace weir::csv_tail {
namespace {

constexpr std::size_t block = 128 * 1024;

}  // namespace

ReadFiles::ReadFiles(RowSettings settings, std::vector<std::string> files, Gap gap)
    : settings_(std::move(settings)),
      files_(std::move(files)),
      gap_(gap),
      memory_(settings_.max_keys),
      positions_(files_.size()) {}

void ReadFiles::begin() {
  if (!keeps_state()) return;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (::access(files_[i].c_str(), F_OK) != 0) continue;
    const auto file = followed(i);
    file->begin();
    positions_[i] = file->position();
  }
}

AnySource::Step ReadFiles::next(Output& out) { return keeps_state() ? next_added(out) : next_whole(out); }

/// False when opening was interrupted: ask again.
bool ReadFiles::open_whole() {
  const std::string& path = files_[current_];
  const bool piped = path == "-";
  file_.reset(piped ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file_.get() < 0 && errno == EINTR) return false;
  if (file_.get() < 0) state::fail(path);
  const std::string name = piped ? "" : path;
  host_->set_file(name);
  memory_.header.clear();
  records_.emplace(settings_, name, *host_, memory_);
  return true;
}

AnySource::Step ReadFiles::next_whole(Output& out) {
  if (current_ == files_.size()) return Step::end;
  if (file_.get() < 0 && !open_whole()) return Step::more;
  std::array<pollfd, 1> input{{{file_.get(), POLLIN, 0}}};
  wait_for(input, WaitLimit::zero());
  if (input[0].revents == 0) return Step::idle;
  const ssize_t n = ::read(file_.get(), records_->room(block), block);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return Step::more;
  if (n < 0) state::fail(files_[current_]);
  if (n > 0) {
    records_->added(static_cast<std::size_t>(n));
    records_->take(out);
  } else {
    records_->finish(out);
    file_.reset(-1);
    ++current_;
  }
  return Step::more;
}

std::unique_ptr<FollowFile> ReadFiles::followed(std::size_t which) {
  auto file = std::make_unique<FollowFile>(settings_, files_[which], StartAt::beginning, gap_, &memory_);
  file->start(*host_);
  return file;
}

void ReadFiles::open_added() {
  const std::string& path = files_[current_];
  if (::access(path.c_str(), R_OK) != 0) state::fail(path);
  memory_.header.clear();
  memory_.last = {};
  added_ = followed(current_);
  if (positions_[current_]) added_->restore(*positions_[current_]);
}

AnySource::Step ReadFiles::next_added(Output& out) {
  if (current_ == files_.size()) return Step::end;
  if (!added_) open_added();
  if (added_->next(out) == Step::more) return Step::more;
  if (added_->settling() || added_->waits_for_quote()) return Step::idle;
  added_->finish(out);
  if (added_->within_row()) host_->log().warn(files_[current_] + " ends within a row, which is left for the next run");
  positions_[current_] = added_->position();
  added_.reset();
  ++current_;
  return Step::more;
}

void ReadFiles::wait(std::span<pollfd> also, WaitLimit limit) {
  if (added_) return added_->wait(also, limit);
  std::array<pollfd, 1> own{{{file_.get(), POLLIN, 0}}};
  wait_for(own, also, limit);
}

FilesPosition ReadFiles::position() {
  if (added_) positions_[current_] = added_->position();
  return {.current = current_ == files_.size() ? 0 : current_, .files = positions_, .orders = memory_.saved_orders()};
}

void ReadFiles::restore(const FilesPosition& position) {
  if (position.current >= files_.size() || position.files.size() != files_.size())
    throw SnapshotError("the snapshot has other files");
  current_ = position.current;
  positions_ = position.files;
  memory_.load_orders(position.orders);
}

std::string ReadFiles::position_text() const {
  if (current_ == files_.size()) return "all files at their ends";
  return added_ ? added_->position_text() : "";
}

}  // namespace weir::csv_tail
