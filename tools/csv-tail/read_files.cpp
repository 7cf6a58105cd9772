#include "read_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "first_place.hpp"
#include "rotated_files.hpp"
#include "state/epoch_file.hpp"

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

ReadFiles::ReadFiles(RowSettings settings, std::vector<std::string> files, Say say, Gap gap)
    : settings_(std::move(settings)),
      files_(std::move(files)),
      say_(std::move(say)),
      gap_(gap),
      places_(files_.size()) {}

ReadFiles::~ReadFiles() { close_file(); }

void ReadFiles::close_file() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
  fd_ = -1;
}

/// At the first start: which files are to be read.
void ReadFiles::look_at_files() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const int fd = open_to_read(files_[i]);
    if (fd < 0) continue;
    places_[i].identity = FileIdentity::of(fd, files_[i]);
    ::close(fd);
  }
}

/// Goes on in the open file where an earlier run ended.
void ReadFiles::take_place(const Place& place) {
  if (place.records.empty()) return;
  SnapshotReader reader(place.records);
  records_->restore(reader);
  if (seek_behind(fd_, records_->reader())) return;
  say_(files_[at_] + " was truncated or rewritten since the last run: it is read from its beginning");
  records_->restart();
}

/// False when opening was interrupted: ask again.
bool ReadFiles::open_next() {
  const std::string& path = files_[at_];
  fd_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0 && errno == EINTR) return false;
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), path);
  const std::string name = path == "-" ? "" : path;
  rejects_->set_file(name);
  records_.emplace(settings_, name, *rejects_);
  if (path == "-") return true;
  Place& place = places_[at_];
  const FileIdentity identity = FileIdentity::of(fd_, path);
  if (place.known() && identity != place.identity && open_rotated(place, path)) return true;
  if (identity == place.identity) take_place(place);
  place.identity = identity;
  return true;
}

/// Another file has taken the place of the one that an earlier run knew: that one comes first.
bool ReadFiles::open_rotated(Place& place, const std::string& path) {
  const int fd = open_again(path, place.identity);
  if (fd < 0) {
    const std::string words = "the file that was " + path + " at the last run is gone";
    if (gap_ == Gap::refused)
      throw state::Unusable(words + " and may have had more rows; --allow-gap goes on without it");
    say_(words);
    place = {};
    return false;
  }
  close_file();
  fd_ = fd;
  rotated_ = true;
  take_place(place);
  return true;
}

void ReadFiles::note_place() {
  if (!records_) return;
  std::string& records = places_[at_].records;
  records.clear();
  SnapshotWriter writer(records);
  records_->snapshot(writer);
}

void ReadFiles::snapshot(SnapshotWriter& to) {
  note_place();
  to.number<std::uint64_t>(at_ == files_.size() ? 0 : at_);
  for (const Place& place : places_) {
    place.identity.snapshot(to);
    to.text(place.records);
  }
}

void ReadFiles::restore(SnapshotReader& from) {
  begun_ = true;
  at_ = from.number<std::uint64_t>();
  if (at_ >= files_.size()) throw SnapshotError("the snapshot has other files");
  for (Place& place : places_) {
    place.identity = FileIdentity::restored(from);
    place.records = from.text();
  }
}

void ReadFiles::finish_file(Output& out) {
  const bool unfinished = !records_->reader().pending().empty();
  if (!state_folder_.empty() && !rotated_) {
    if (unfinished) say_(files_[at_] + " ends within a row, which is left for the next run");
  } else {
    records_->finish(out);
  }
  note_place();
  records_.reset();
  close_file();
  if (std::exchange(rotated_, false)) {
    places_[at_] = {};
  } else {
    ++at_;
  }
}

Source::Step ReadFiles::next(Output& out) {
  if (!std::exchange(begun_, true) && !state_folder_.empty())
    begin_at_first_place(*this, state_folder_, [this] { look_at_files(); });
  if (fd_ < 0) {
    if (at_ == files_.size()) return Step::end;
    if (!open_next()) return Step::more;
  }
  std::array<pollfd, 1> input{{{fd_, POLLIN, 0}}};
  wait_for(input, WaitLimit::zero());
  if (input[0].revents == 0) return Step::idle;
  const ssize_t n = ::read(fd_, records_->room(block), block);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return Step::more;
  if (n < 0) throw std::system_error(errno, std::generic_category(), files_[at_]);
  if (n > 0) {
    records_->added(static_cast<std::size_t>(n));
    records_->take(out);
  } else {
    finish_file(out);
  }
  return Step::more;
}

std::string ReadFiles::place() const {
  if (!records_) return at_ == files_.size() ? "all files at their ends" : "";
  return files_[at_] + " at byte " + std::to_string(records_->reader().consumed());
}

void ReadFiles::wait(std::span<pollfd> also, WaitLimit limit) {
  std::array<pollfd, 4> all{{{fd_, POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  std::copy(also.begin(), also.end(), all.begin() + 1);
  wait_for(all, limit);
  std::copy_n(all.begin() + 1, also.size(), also.begin());
}

}  // namespace weir
