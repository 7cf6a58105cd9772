// csv-tail -f: a file that grows, is rotated, truncated, or is not there yet.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folder_watch.hpp"
#include "pipeline/source.hpp"
#include "tailed_file.hpp"

namespace weir::csv_tail {

enum class StartAt : std::uint8_t { beginning, end };

/// What it means when a file that an earlier run had not read to its end is gone.
enum class Gap : std::uint8_t { refused, allowed };

/// The positions in the files that are open, the oldest first.
struct FollowPosition {
  std::int64_t noted_ns = 0;          ///< the time of day, by the clock of the file system
  std::vector<std::string> header{};  ///< the cells of the last header row
  RowOrder order{};                   ///< of the records' times
  std::string orders{};               ///< with keys, of each of them, unless somebody else has the table's memory
  std::vector<FilePosition> files;

  void state(StateArchive& archive) { archive.values(noted_ns, header, order, orders, files); }
};

/// Follows whatever file is at a path. A file that is renamed away is read to its end before the one that took its
/// place, also when several came and went unseen: their renames are followed. It stays open for a while, in case its
/// writer notices late. inotify is a hint; path and file are checked every second all the same.
class FollowFile : public Source<FollowPosition> {
 public:
  /// `memory` must outlive this; without one it has its own.
  FollowFile(RowSettings settings, std::string path, StartAt start, Gap gap = Gap::refused,
             TableMemory* memory = nullptr);

  void start(SourceHost& host) override;
  void begin() override { look_for_files(); }
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  FollowPosition position() override;
  /// Finds the files again under whatever name they have in the folder now, and those that came and went meanwhile.
  /// Throws state::Unusable when one that was not read to its end is gone, or one that came meanwhile is compressed by
  /// now, unless gaps are allowed.
  void restore(const FollowPosition& position) override;
  std::string position_text() const override;
  void finish(Output& out) override;
  std::string summary() const override;

  /// A file that was renamed away has been read, and the next one waits for a moment: its writer may be in the middle
  /// of a row. next() then says idle though more is there.
  bool settling() const { return settling_; }
  /// What was read ends within quotes, which may be closed yet.
  bool waits_for_quote() const;
  /// A part of a row has been read: its end is not there yet.
  bool within_row() const;

 private:
  /// A file that was at the path and may have moved since.
  struct Arrival {
    std::string name;          ///< in the folder; empty while it moves, or when it has gone
    std::uint32_t cookie = 0;  ///< of the move
  };

  void look_for_files();
  void restore_all(const FollowPosition& position);
  bool reopen(const FilePosition& position);
  bool is_written_anew();
  void open_missed(std::int64_t known_age, std::optional<std::int64_t> known_modified);
  void adopt_unless_copy(int fd);
  void apply_events();
  void open_arrivals();
  bool open_at_path();
  bool adopt(int fd);
  void drop_quiet(Output& out);

  RowSettings settings_;
  TableMemory own_memory_;
  TableMemory& memory_;
  std::string path_;
  std::string folder_;
  std::string name_;
  StartAt start_;
  Gap gap_;
  SourceHost* host_ = nullptr;
  FolderWatch watch_;
  std::vector<FolderWatch::Event> events_;
  std::deque<Arrival> arrivals_;
  std::deque<std::unique_ptr<TailedFile>> files_;  ///< the last is the one at the path
  struct stat at_path_ {};
  bool waiting_reported_ = false;
  bool settling_ = false;
  std::uint64_t truncations_ = 0;
};

}  // namespace weir::csv_tail
