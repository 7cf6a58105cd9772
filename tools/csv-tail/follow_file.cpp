#include "follow_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "first_place.hpp"
#include "rotated_files.hpp"
#include "state/files.hpp"

namespace weir::csv_tail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often the path and the file are looked at when nothing wakes us.
constexpr WaitLimit look_interval = seconds(1);
/// A file that was renamed away must have been quiet for so long before the next one is read, as its writer may be in
/// the middle of a row; and so long until it is closed, as its writer may notice late.
constexpr auto settle_time = milliseconds(100);
constexpr auto linger_time = seconds(10);

}  // namespace

FollowFile::FollowFile(RowSettings settings, std::string path, StartAt start, Say say, Gap gap)
    : settings_(std::move(settings)),
      path_(std::move(path)),
      folder_(state::folder_of(path_)),
      name_(path_.substr(path_.rfind('/') + 1)),
      start_(start),
      say_(std::move(say)),
      gap_(gap),
      watch_(folder_) {}

void FollowFile::start(RejectLog& rejects) {
  rejects_ = &rejects;
  rejects.set_file(path_);
}

/// Takes an open file as the newest one, unless it is one of ours already.
bool FollowFile::adopt(int fd) {
  struct stat status;
  if (::fstat(fd, &status) != 0) state::fail(path_);
  if (std::any_of(files_.begin(), files_.end(), [&](const auto& file) { return file->is(status); })) {
    ::close(fd);
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    throw std::runtime_error(path_ + ": only regular files can be followed, or read with --state");
  }
  if (!files_.empty()) files_.back()->supersede(Generation::clock::now());
  files_.push_back(std::make_unique<Generation>(fd, status, settings_, path_, *rejects_));
  watch_.add_file(fd);
  if (start_ == StartAt::end) files_.back()->skip_to(static_cast<std::uint64_t>(status.st_size));
  return true;
}

/// Keeps track of the files that were at the path but were not opened there, through any number of renames.
void FollowFile::apply_events() {
  events_.clear();
  watch_.drain(events_);
  for (const FolderWatch::Event& event : events_) {
    if (event.kind == FolderWatch::Event::Kind::overflow) {
      say_("more happened in the folder of " + path_ +
           " than was told; a file that came and went meanwhile is not read");
      continue;
    }
    const bool arrived = event.kind == FolderWatch::Event::Kind::arrived;
    Arrival* moved = nullptr;
    for (Arrival& arrival : arrivals_) {
      if (arrival.name == event.name) {  // it leaves, is deleted or written over
        arrival.name.clear();
        arrival.cookie = event.kind == FolderWatch::Event::Kind::left ? event.cookie : 0;
      } else if (arrived && event.cookie != 0 && arrival.cookie == event.cookie) {
        moved = &arrival;
      }
    }
    if (moved != nullptr) {
      moved->name = event.name;
    } else if (arrived && event.name == name_) {
      arrivals_.push_back({event.name, 0});
    }
  }
}

void FollowFile::open_arrivals() {
  while (!arrivals_.empty()) {
    const std::string name = arrivals_.front().name;
    if (name.empty()) {
      apply_events();  // the second half of a move may be on its way
      if (!arrivals_.front().name.empty()) continue;
      say_("a file that was at " + path_ + " went away before it could be opened; its rows are lost");
      arrivals_.pop_front();
      continue;
    }
    const int fd = open_to_read(folder_ + '/' + name);
    const int error = errno;
    // What it was called when it was opened is what it is called in the events that had come by then; if that has
    // changed, the file that was opened is another one.
    apply_events();
    if (arrivals_.front().name != name) {
      if (fd >= 0) ::close(fd);
      continue;
    }
    arrivals_.pop_front();
    if (fd >= 0) {
      adopt(fd);
    } else if (error != ENOENT && (error != EACCES || files_.empty())) {
      throw std::system_error(error, std::generic_category(), path_);
    }
  }
}

/// Without help from events: is another file at the path? False when events came in between, which tell more.
bool FollowFile::open_at_path() {
  if (::stat(path_.c_str(), &at_path_) != 0) {
    at_path_ = {};
    if (errno != ENOENT && errno != EACCES && errno != ENOTDIR) state::fail(path_);
    if (errno == EACCES && files_.empty()) state::fail(path_);
    return true;
  }
  if (std::any_of(files_.begin(), files_.end(), [&](const auto& file) { return file->is(at_path_); })) return true;
  apply_events();
  if (!arrivals_.empty()) return false;
  const int fd = open_to_read(path_);
  if (fd >= 0) adopt(fd);
  return true;
}

void FollowFile::look_for_files() {
  do {
    apply_events();
    open_arrivals();
  } while (!open_at_path());
  start_ = StartAt::beginning;  // a file that was not there at the start is read whole
  if (files_.empty() && !waiting_said_) {
    waiting_said_ = true;
    say_("waiting for " + path_ + " to appear");
  }
}

Source::Step FollowFile::next(Output& out) {
  if (!std::exchange(begun_, true) && !state_folder_.empty())
    begin_at_first_place(*this, state_folder_, [this] { look_for_files(); });
  look_for_files();
  settling_ = false;
  for (const auto& file : files_) {
    switch (file->read(out)) {
      case Generation::Got::rows:
        return Step::more;
      case Generation::Got::truncated:
        ++truncations_;
        say_(path_ + " was truncated or rewritten: it is read from its beginning; rows not read before that are lost");
        return Step::more;
      case Generation::Got::nothing:
        break;
    }
    if (file != files_.back() && file->quiet(Generation::clock::now()) < settle_time) {
      settling_ = true;
      return Step::idle;
    }
  }
  drop_quiet(out);
  return Step::idle;
}

void FollowFile::drop_quiet(Output& out) {
  while (files_.size() > 1 && !files_.front()->is(at_path_) &&
         files_.front()->quiet(Generation::clock::now()) >= linger_time) {
    files_.front()->finish(out);
    files_.pop_front();
  }
}

void FollowFile::wait(std::span<pollfd> also, WaitLimit limit) {
  const WaitLimit own = settling_ ? WaitLimit(settle_time) : look_interval;
  if (limit < WaitLimit::zero() || limit > own) limit = own;
  std::array<pollfd, 4> all{{{watch_.descriptor(), POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}, {-1, 0, 0}}};
  std::copy(also.begin(), also.end(), all.begin() + 1);
  wait_for(all, limit);
  std::copy_n(all.begin() + 1, also.size(), also.begin());
}

void FollowFile::snapshot(SnapshotWriter& to) {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);  // the one by which file systems tell when files were made
  to.number<std::int64_t>(now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec);
  to.number<std::uint64_t>(files_.size());
  for (const auto& file : files_) file->snapshot(to);
}

std::string FollowFile::place() const {
  if (files_.empty()) return path_ + " is not there yet";
  return path_ + " at byte " + std::to_string(files_.back()->offset()) +
         (files_.size() > 1 ? ", and older files behind it" : "");
}

void FollowFile::close(Output& out) {
  // The last row of the file at the path may still be being written; those that were renamed away are as they will
  // stay.
  while (files_.size() > 1) {
    files_.front()->finish(out);
    files_.pop_front();
  }
}

bool FollowFile::within_row() const { return !files_.empty() && files_.back()->within_row(); }

std::string FollowFile::summary() const {
  if (truncations_ == 0) return {};
  return path_ + " was truncated or rewritten " + std::to_string(truncations_) +
         (truncations_ == 1 ? " time" : " times");
}

}  // namespace weir::csv_tail
