#include "follow_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "rotated_files.hpp"
#include "state/descriptor.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::csv_tail {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// The pause between two checks of path and file when nothing wakes us.
constexpr WaitLimit look_interval = seconds(1);
/// How long a renamed file must have been quiet before the next one is read: its writer may be within a row.
constexpr auto settle_time = milliseconds(100);
/// How long a renamed file must have been quiet before it is closed: its writer may notice late.
constexpr auto linger_time = seconds(10);

}  // namespace

FollowFile::FollowFile(RowSettings settings, std::string path, StartAt start, Gap gap, TableMemory* memory)
    : settings_(std::move(settings)),
      own_memory_(settings_.max_keys),
      memory_(memory != nullptr ? *memory : own_memory_),
      path_(std::move(path)),
      folder_(state::folder_of(path_)),
      name_(path_.substr(path_.rfind('/') + 1)),
      start_(start),
      gap_(gap),
      watch_(folder_) {}

void FollowFile::start(SourceHost& host) {
  host_ = &host;
  host.set_file(path_);
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
  if (!files_.empty()) files_.back()->supersede(TailedFile::clock::now());
  files_.push_back(std::make_unique<TailedFile>(fd, status, settings_, path_, *host_, memory_));
  watch_.add_file(fd);
  if (start_ == StartAt::end) files_.back()->skip_to(static_cast<std::uint64_t>(status.st_size));
  return true;
}

/// Follows the files that were at the path but were not opened there through any number of renames.
void FollowFile::apply_events() {
  events_.clear();
  watch_.drain(events_);
  for (const FolderWatch::Event& event : events_) {
    if (event.kind == FolderWatch::Event::Kind::overflow) {
      host_->log().warn("inotify has dropped events of the folder of " + path_ +
                        "; a file that came and went meanwhile is not read");
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
      host_->log().warn("a file that was at " + path_ + " went away before it could be opened; its rows are lost");
      arrivals_.pop_front();
      continue;
    }
    const int fd = open_to_read(folder_ + '/' + name);
    const int error = errno;
    // The events up to now must give it the same name still: otherwise another file was opened.
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

/// Opens the file at the path if it is a new one. False when events came meanwhile: they tell more.
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
  if (files_.empty() && !std::exchange(waiting_reported_, true))
    host_->log().warn("waiting for " + path_ + " to appear");
}

AnySource::Step FollowFile::next(Output& out) {
  look_for_files();
  settling_ = false;
  for (const auto& file : files_) {
    switch (file->read(out)) {
      case TailedFile::Got::rows:
        return Step::more;
      case TailedFile::Got::truncated:
        ++truncations_;
        host_->log().warn(
            path_ + " was truncated or rewritten: it is read from its beginning; rows not read before that are lost");
        return Step::more;
      case TailedFile::Got::nothing:
        memory_.last = file->mark();
        break;
    }
    if (file != files_.back() && file->quiet(TailedFile::clock::now()) < settle_time) {
      settling_ = true;
      return Step::idle;
    }
  }
  drop_quiet(out);
  return Step::idle;
}

void FollowFile::drop_quiet(Output& out) {
  while (files_.size() > 1 && !files_.front()->is(at_path_) &&
         files_.front()->quiet(TailedFile::clock::now()) >= linger_time) {
    files_.front()->finish(out);
    files_.pop_front();
  }
}

void FollowFile::wait(std::span<pollfd> also, WaitLimit limit) {
  const WaitLimit longest = settling_ ? WaitLimit(settle_time) : look_interval;
  if (limit < WaitLimit::zero() || limit > longest) limit = longest;
  std::array<pollfd, 1> own{{{watch_.descriptor(), POLLIN, 0}}};
  wait_for(own, also, limit);
}

FollowPosition FollowFile::position() {
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);  // the clock by which file systems note when files were made
  FollowPosition position{.noted_ns = now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec,
                          .header = memory_.header,
                          .order = memory_.order,
                          .orders = &memory_ == &own_memory_ ? memory_.saved_orders() : std::string(),
                          .files = {}};
  for (const auto& file : files_) position.files.push_back(file->position());
  return position;
}

/// Continues in the file of a position. False when the file is not there.
bool FollowFile::reopen(const FilePosition& position) {
  const int fd = open_again(path_, position.identity);
  if (fd < 0) return false;
  if (!adopt(fd) || files_.back()->restore(position)) return true;
  ++truncations_;
  host_->log().warn(path_ + " was truncated or rewritten while nobody read it: it is read from its beginning");
  return true;
}

/// Whether the rows of a file that is gone, those up to its mark, are in a wider one at the path or renamed since.
bool FollowFile::is_written_anew() {
  std::vector<std::string> paths{path_};
  for (const RotatedFile& each : rotated_files(path_)) paths.push_back(each.path);
  return std::any_of(paths.begin(), paths.end(), [this](const std::string& path) {
    const state::Descriptor file(open_to_read(path));
    return file.get() >= 0 && find_in_wider(file.get(), path, settings_, memory_.header, memory_.last);
  });
}

/// Opens the files that were at the path between the position and now: younger than what was known, and no copies.
void FollowFile::open_missed(std::int64_t known_age, std::optional<std::int64_t> known_modified) {
  for (const RotatedFile& each : rotated_files(path_)) {
    if (each.age_ns() < known_age) continue;
    if (each.compressed()) {
      // Compressing keeps the time of the last write: an older file has been compressed, or this one was missed.
      if (!known_modified || each.modified_ns <= *known_modified) continue;
      const std::string problem = each.path + " was at " + path_ + " while nobody read it, and is compressed now";
      if (gap_ == Gap::refused)
        throw state::Unusable(problem + ": unpack it there, or continue without it by --allow-gap");
      host_->log().warn(problem + "; its rows are lost");
      continue;
    }
    if (const int fd = open_again(path_, each.identity); fd >= 0) adopt_unless_copy(fd);
  }
}

/// A copy that somebody made of a file (cp f f.bak) must not double its rows.
void FollowFile::adopt_unless_copy(int fd) {
  const bool copy =
      std::any_of(files_.begin(), files_.end(), [fd](const auto& file) { return file->is_copied_in(fd); });
  if (copy) {
    ::close(fd);
  } else {
    adopt(fd);
  }
}

void FollowFile::restore(const FollowPosition& position) {
  memory_.header = position.header;
  memory_.order = position.order;
  memory_.load_orders(position.orders);
  start_ = StartAt::beginning;
  if (position.files.empty()) return;
  // The file at the path came without an event: it must not be renamed away unseen while the others are looked for.
  const int newest = open_to_read(path_);
  restore_all(position);
  if (newest >= 0) adopt(newest);
}

void FollowFile::restore_all(const FollowPosition& position) {
  bool found = false;
  for (const FilePosition& each : position.files) {
    found = reopen(each);
    if (found) continue;
    memory_.last = each.mark;
    if (is_written_anew()) continue;
    const std::string problem = "a file that was at " + path_ + " is gone";
    if (!each.replaced && gap_ == Gap::refused)
      throw state::Unusable(problem +
                            ", and rows may have come into it that were not read; --allow-gap goes on without them");
    host_->log().warn(problem + (each.replaced ? "; it had been read to its end" : ""));
  }
  struct stat at_path {};
  const bool any = ::stat(path_.c_str(), &at_path) == 0;
  if (!any && errno != ENOENT && errno != ENOTDIR && errno != EACCES) state::fail(path_);
  if (any && !files_.empty() && files_.back()->is(at_path)) return;  // nothing has taken its place
  const FileIdentity& last = position.files.back().identity;
  if (found && (files_.empty() || files_.back()->identity() != last))
    return open_missed(position.noted_ns, std::nullopt);
  std::optional<std::int64_t> modified;
  if (found) modified = files_.back()->modified_ns();
  open_missed(last.made_ns != 0 ? last.made_ns : modified.value_or(position.noted_ns), modified);
}

std::string FollowFile::position_text() const {
  if (files_.empty()) return path_ + " is not there yet";
  return path_ + " at byte " + std::to_string(files_.back()->offset()) + (files_.size() > 1 ? ", and older files" : "");
}

void FollowFile::finish(Output& out) {
  // A last row without its end may still be written in the file at the path, but not in those renamed away.
  while (files_.size() > 1) {
    files_.front()->finish(out);
    files_.pop_front();
  }
}

bool FollowFile::waits_for_quote() const {
  return std::any_of(files_.begin(), files_.end(), [](const auto& file) { return file->waits_for_quote(); });
}

bool FollowFile::within_row() const { return !files_.empty() && files_.back()->within_row(); }

std::string FollowFile::summary() const {
  const std::string rows = memory_.summary();
  if (truncations_ == 0) return rows;
  return path_ + " was truncated or rewritten " + std::to_string(truncations_) +
         (truncations_ == 1 ? " time" : " times") + (rows.empty() ? "" : "; " + rows);
}

}  // namespace weir::csv_tail
