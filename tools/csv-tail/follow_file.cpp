#include "follow_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "state/epoch_file.hpp"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often the path and the file are looked at when nothing wakes us.
constexpr WaitLimit look_interval = seconds(1);
/// A file that was renamed away must have been quiet for so long before the next one is read, as its writer may be in
/// the middle of a row; and so long until it is closed, as its writer may notice late.
constexpr auto settle_time = milliseconds(100);
constexpr auto linger_time = seconds(10);

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FollowFile::FollowFile(RowSettings settings, std::string path, StartAt start, Say say, Gap gap)
    : settings_(std::move(settings)),
      path_(std::move(path)),
      folder_(folder_of(path_)),
      name_(path_.substr(path_.rfind('/') + 1)),
      start_(start),
      say_(std::move(say)),
      gap_(gap),
      watch_(folder_) {}

void FollowFile::start(RejectLog& rejects) {
  rejects_ = &rejects;
  rejects.set_file(path_);
}

/// -1 with errno when there is none.
int FollowFile::open_name(const std::string& path) const {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // or a FIFO would hold us
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/// Takes an open file as the newest one, unless it is one of ours already.
bool FollowFile::adopt(int fd) {
  struct stat status;
  if (::fstat(fd, &status) != 0) throw std::system_error(errno, std::generic_category(), path_);
  if (std::any_of(files_.begin(), files_.end(), [&](const auto& file) { return file->is(status); })) {
    ::close(fd);
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    throw std::runtime_error(path_ + ": -f follows regular files only");
  }
  if (!files_.empty()) files_.back()->supersede(Generation::clock::now());
  files_.push_back(std::make_unique<Generation>(fd, status, settings_, path_, *rejects_));
  watch_.add_file(fd);
  if (start_ == StartAt::end) files_.back()->skip_to(static_cast<std::uint64_t>(status.st_size));
  start_ = StartAt::beginning;  // what takes its place is read whole
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
    const int fd = open_name(folder_ + '/' + name);
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
    if (errno != ENOENT && errno != EACCES && errno != ENOTDIR)
      throw std::system_error(errno, std::generic_category(), path_);
    if (errno == EACCES && files_.empty()) throw std::system_error(errno, std::generic_category(), path_);
    return true;
  }
  if (std::any_of(files_.begin(), files_.end(), [&](const auto& file) { return file->is(at_path_); })) return true;
  apply_events();
  if (!arrivals_.empty()) return false;
  const int fd = open_name(path_);
  if (fd >= 0) adopt(fd);
  return true;
}

void FollowFile::look_for_files() {
  do {
    apply_events();
    open_arrivals();
  } while (!open_at_path());
  if (files_.empty() && !waiting_said_) {
    waiting_said_ = true;
    say_("waiting for " + path_ + " to appear");
  }
}

Source::Step FollowFile::next(Output& out) {
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
  to.number<std::uint64_t>(files_.size());
  for (const auto& file : files_) file->snapshot(to);
}

std::string FollowFile::place() const {
  if (files_.empty()) return path_ + " is not there yet";
  return path_ + " at byte " + std::to_string(files_.back()->offset()) +
         (files_.size() > 1 ? ", and older files behind it" : "");
}

/// What is at the path, and the regular files of the folder whose names begin as its name does.
std::vector<FollowFile::Candidate> FollowFile::candidates() const {
  std::vector<std::string> paths{path_};
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(name_) && name != name_) paths.push_back(entry.path().string());
  }
  std::vector<Candidate> found;
  for (const std::string& path : paths) {
    const int fd = open_name(path);
    if (fd < 0) continue;
    struct stat status;
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) found.push_back({path, FileIdentity::of(fd, path)});
    ::close(fd);
  }
  return found;
}

/// False when the file is not there.
bool FollowFile::take_up(const FilePlace& place, const std::vector<Candidate>& there) {
  for (const Candidate& candidate : there) {
    if (candidate.identity != place.identity) continue;
    const int fd = open_name(candidate.path);
    if (fd < 0 || !adopt(fd)) return fd >= 0;
    if (!files_.back()->restore(place)) {
      if (files_.back()->identity() != place.identity) {  // it was renamed between the two looks
        files_.pop_back();
        return false;
      }
      ++truncations_;
      say_(candidate.path + " was truncated or rewritten while nobody read it: it is read from its beginning");
    }
    return true;
  }
  return false;
}

/// Files that were at the path between the last place reached and now: younger than what was known, and no copies of
/// it.
void FollowFile::take_missed(const std::vector<FilePlace>& places, const std::vector<Candidate>& there) {
  std::int64_t known = 0;
  for (const FilePlace& place : places) known = std::max(known, place.identity.made_ns);
  std::vector<Candidate> missed;
  for (const Candidate& candidate : there)
    if (candidate.path != path_ && candidate.identity.made_ns > known) missed.push_back(candidate);
  std::sort(missed.begin(), missed.end(),
            [](const Candidate& a, const Candidate& b) { return a.identity.made_ns < b.identity.made_ns; });
  for (const Candidate& candidate : missed) {
    const int fd = open_name(candidate.path);
    if (fd < 0) continue;
    const bool copy = std::any_of(places.begin(), places.end(), [&](const FilePlace& place) {
      std::string head(place.head.size(), '\0');
      return ::pread(fd, head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()) && head == place.head;
    });
    if (copy) {
      ::close(fd);
    } else {
      adopt(fd);
    }
  }
}

void FollowFile::restore(SnapshotReader& from) {
  std::vector<FilePlace> places;
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) places.push_back(FilePlace::restored(from));
  if (places.empty()) return;
  start_ = StartAt::beginning;
  const std::vector<Candidate> there = candidates();
  for (const FilePlace& place : places) {
    if (take_up(place, there) || take_up(place, candidates())) continue;
    const std::string words = "a file that was at " + path_ + " is gone";
    if (!place.replaced && gap_ == Gap::refused)
      throw state::Unusable(words + " and had not been read to its end; --allow-gap goes on without it");
    say_(words + (place.replaced ? "; it had been read to its end" : ""));
  }
  take_missed(places, there);
}

void FollowFile::close(Output& out) {
  // The last row of the file at the path may still be being written; those that were renamed away are as they will
  // stay.
  while (files_.size() > 1) {
    files_.front()->finish(out);
    files_.pop_front();
  }
}

std::string FollowFile::summary() const {
  if (truncations_ == 0) return {};
  return path_ + " was truncated or rewritten " + std::to_string(truncations_) +
         (truncations_ == 1 ? " time" : " times");
}

}  // namespace weir
