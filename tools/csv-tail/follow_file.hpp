// csv-tail -f: a file that grows, is rotated, truncated, or is not there yet.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folder_watch.hpp"
#include "generation.hpp"
#include "pipeline/source.hpp"

namespace weir::csv_tail {

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
  void open_state(const std::string& folder) override { state_folder_ = folder; }
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void snapshot(SnapshotWriter& to) override;
  /// Finds the files again under whatever name they have in the folder now, and those that came and went meanwhile. Of
  /// one that was copied and truncated the copy is read on. Throws state::Unusable when one that was not read to its
  /// end is gone, or one that came meanwhile is compressed by now, unless gaps are allowed.
  void restore(SnapshotReader& from) override;
  std::string place() const override;
  void close(Output& out) override;
  std::string summary() const override;

  /// A file that was renamed away has been read, and is waited for a moment before the next one: its writer may be in
  /// the middle of a row.
  bool settling() const { return settling_; }

  /// What has been read of the file at the path ends within a row.
  bool within_row() const;

  /// Opens what is there; next() does it too.
  void look_for_files();

 private:
  /// A file that was at the path and may have moved since.
  struct Arrival {
    std::string name;          ///< in the folder; empty while it moves, or when it has gone
    std::uint32_t cookie = 0;  ///< of the move
  };

  void take_up_all(const std::vector<FilePlace>& places, std::int64_t noted_ns);
  bool take_up(const FilePlace& place, std::int64_t noted_ns);
  void take_copy(const FilePlace& place, std::int64_t noted_ns);
  void take_missed(std::int64_t known_age, std::optional<std::int64_t> known_modified);
  void take_or_close(int fd);
  void apply_events();
  void open_arrivals();
  bool open_at_path();
  bool adopt(int fd);
  void drop_quiet(Output& out);

  RowSettings settings_;
  std::string path_;
  std::string folder_;
  std::string name_;
  StartAt start_;
  Say say_;
  Gap gap_;
  std::string state_folder_;  ///< empty: no state is kept
  bool begun_ = false;
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

}  // namespace weir::csv_tail
