#include "read_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace weir {
namespace {

constexpr std::size_t block = 128 * 1024;

/// Moves behind the bytes that were read, if they are still there: the last of them are looked at.
bool seek_behind(int fd, const csv::RowReader& reader) {
  const std::string_view history = reader.history();
  std::string now(history.size(), '\0');
  const auto at = static_cast<off_t>(reader.consumed() - history.size());
  const bool same = ::pread(fd, now.data(), now.size(), at) == static_cast<ssize_t>(now.size()) && now == history;
  return same && ::lseek(fd, static_cast<off_t>(reader.consumed()), SEEK_SET) >= 0;
}

}  // namespace

ReadFiles::ReadFiles(RowSettings settings, std::vector<std::string> files)
    : settings_(std::move(settings)), files_(std::move(files)), places_(files_.size()) {}

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
  Place& place = places_[opened_ - 1];
  if (path == "-") return true;
  const FileIdentity identity = FileIdentity::of(fd_, path);
  if (!place.records.empty() && identity == place.identity) {
    SnapshotReader reader(place.records);
    records_->restore(reader);
    if (!seek_behind(fd_, records_->reader())) records_->restart();
  }
  place.identity = identity;
  return true;
}

void ReadFiles::note_place() {
  if (!records_) return;
  std::string& records = places_[opened_ - 1].records;
  records.clear();
  SnapshotWriter writer(records);
  records_->snapshot(writer);
}

void ReadFiles::snapshot(SnapshotWriter& to) {
  note_place();
  to.number<std::uint64_t>(opened_ == files_.size() && fd_ < 0 ? 0 : opened_ - (fd_ < 0 ? 0 : 1));
  for (const Place& place : places_) {
    place.identity.snapshot(to);
    to.text(place.records);
  }
}

void ReadFiles::restore(SnapshotReader& from) {
  opened_ = from.number<std::uint64_t>();
  for (Place& place : places_) {
    place.identity = FileIdentity::restored(from);
    place.records = from.text();
  }
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
    note_place();
    records_.reset();
    close_file();
  }
  return Step::more;
}

std::string ReadFiles::place() const {
  if (!records_) return opened_ == files_.size() ? "all files at their ends" : "";
  return files_[opened_ - 1] + " at byte " + std::to_string(records_->reader().consumed());
}

void ReadFiles::wait(std::span<pollfd> also, WaitLimit limit) {
  std::array<pollfd, 4> all{{{fd_, POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  std::copy(also.begin(), also.end(), all.begin() + 1);
  wait_for(all, limit);
  std::copy_n(all.begin() + 1, also.size(), also.begin());
}

}  // namespace weir
