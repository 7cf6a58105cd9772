// What happens to the names in a folder, from inotify.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace weir::csv_tail {

/// Tells of files that appear in a folder, leave it and move within it, and wakes when a watched file changes. Only a
/// hint: on some file systems (overlays, network) nothing comes, and where inotify cannot be had at all descriptor() is
/// -1.
class FolderWatch {
 public:
  struct Event {
    enum class Kind {
      arrived,
      left,
      deleted,
      overflow  ///< some of what happened is not told
    };
    Kind kind;
    std::string name;
    std::uint32_t cookie;  ///< the same for both halves of a move; 0 when it is none
  };

  explicit FolderWatch(std::string folder);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  /// Readable when there is something; -1 when there is no inotify.
  int descriptor() const { return fd_; }

  /// Also wake when this open file changes, under whatever name. It is forgotten when the last descriptor of it is
  /// closed and it has no name any more.
  void add_file(int fd);

  /// Appends what has happened since the last call, without blocking. Watches the folder again when it was replaced.
  void drain(std::vector<Event>& events);

 private:
  void watch_folder();

  std::string folder_;
  int fd_;
  int folder_watch_ = -1;
};

}  // namespace weir::csv_tail
