#include "folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace weir::csv_tail {

FolderWatch::FolderWatch(std::string folder)
    : folder_(std::move(folder)), fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  watch_folder();
}

FolderWatch::~FolderWatch() {
  if (fd_ >= 0) ::close(fd_);
}

void FolderWatch::watch_folder() {
  constexpr std::uint32_t wanted =
      IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
  folder_watch_ = ::inotify_add_watch(fd_, folder_.c_str(), wanted);
}

void FolderWatch::add_file(int fd) {
  // The name may be another file's by now; the descriptor is not.
  ::inotify_add_watch(fd_, ("/proc/self/fd/" + std::to_string(fd)).c_str(), IN_MODIFY);
}

void FolderWatch::drain(std::vector<Event>& events) {
  if (fd_ < 0) return;
  if (folder_watch_ < 0) watch_folder();
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  for (;;) {
    const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
    if (n <= 0) return;
    for (std::size_t at = 0; at < static_cast<std::size_t>(n);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) events.push_back({Event::Kind::overflow, {}, 0});
      if (event.wd != folder_watch_ || event.wd < 0) continue;
      if ((event.mask & IN_MOVE_SELF) != 0) ::inotify_rm_watch(fd_, folder_watch_);
      if ((event.mask & IN_IGNORED) != 0) watch_folder();
      if (event.len == 0) continue;
      if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) events.push_back({Event::Kind::arrived, name, event.cookie});
      if ((event.mask & IN_MOVED_FROM) != 0) events.push_back({Event::Kind::left, name, event.cookie});
      if ((event.mask & IN_DELETE) != 0) events.push_back({Event::Kind::deleted, name, 0});
    }
  }
}

}  // namespace weir::csv_tail
