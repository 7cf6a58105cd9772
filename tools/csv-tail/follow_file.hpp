// csv-tail -f: a file that grows, is rotated, truncated, or is not there yet.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "folder_watch.hpp"
#include "generation.hpp"
#include "pipeline/source.hpp"

namespace weir {

enum class StartAt : std::uint8_t { beginning, end };

/// What a file that an earlier run had not read to its end means when it is gone.
enum class Gap : std::uint8_t { refused, allowed };

/// Follows whatever file is at a path. A file that is renamed away is read to its end before the one that took its
/// place, also when several came and went while nobody looked: their renames are followed. It stays open for a while,
/// in case its writer had not noticed yet. inotify is a hint; every second the path and the file are looked at
/// regardless.
///
/// The place reached is a file (Generation) and its offset behind the last whole row.
class FollowFile : public Source {
 public:
  using Say = std::function<void(const std::string&)>;

  /// `say` is told of a truncation and of waiting for the file.
  FollowFile(RowSettings settings, std::string path, StartAt start, Say say, Gap gap = Gap::refused);

  void start(RejectLog& rejects) override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void snapshot(SnapshotWriter& to) override;
  /// Finds the files again under whatever name they have in the folder now, and those that came and went meanwhile.
  /// Throws state::Unusable when one that was not read to its end is gone, unless gaps are allowed.
  void restore(SnapshotReader& from) override;
  std::string place() const override;
  void close(Output& out) override;
  std::string summary() const override;

  /// A file that was renamed away has been read, and is waited for a moment before the next one: its writer may be in
  /// the middle of a row.
  bool settling() const { return settling_; }

 private:
  /// A file that was at the path and may have moved since.
  struct Arrival {
    std::string name;          ///< in the folder; empty while it moves, or when it has gone
    std::uint32_t cookie = 0;  ///< of the move
  };

  /// A file that may be, or may have been, the followed one.
  struct Candidate {
    std::string path;
    FileIdentity identity;
  };
  std::vector<Candidate> candidates() const;
  bool take_up(const FilePlace& place, const std::vector<Candidate>& there);
  void take_missed(const std::vector<FilePlace>& places, const std::vector<Candidate>& there);
  void look_for_files();
  void apply_events();
  void open_arrivals();
  bool open_at_path();
  int open_name(const std::string& path) const;
  bool adopt(int fd);
  void drop_quiet(Output& out);

  RowSettings settings_;
  std::string path_;
  std::string folder_;
  std::string name_;
  StartAt start_;
  Say say_;
  Gap gap_;
  RejectLog* rejects_ = nullptr;
  FolderWatch watch_;
  std::vector<FolderWatch::Event> events_;
  std::deque<Arrival> arrivals_;
  std::deque<std::unique_ptr<Generation>> files_;  ///< the last is the one at the path
  struct stat at_path_ {};
  bool waiting_said_ = false;
  bool settling_ = false;
  std::uint64_t truncations_ = 0;
};

}  // namespace weir
