// csv-tail without -f: files from beginning to end.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "follow_file.hpp"
#include "pipeline/source.hpp"
#include "row_records.hpp"
#include "state/file_identity.hpp"

namespace weir {

/// Reads files one after the other; each has its own header. `-` is standard input.
///
/// With state each run reads what has been added since the one before: a last row without a line end is left for the
/// next run, and a file that was renamed away within its folder is read to its end before the one that took its place.
class ReadFiles : public Source {
 public:
  using Say = FollowFile::Say;

  /// `say` is told of files that were truncated, have gone, or end within a row.
  ReadFiles(RowSettings settings, std::vector<std::string> files, Say say = {}, Gap gap = Gap::refused);
  ~ReadFiles() override;

  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  void open_state(const std::string& folder) override { state_folder_ = folder; }
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;

  /// The place reached in each file. Restoring throws state::Unusable, once it comes to it, when a file is gone that
  /// may not have been read to its end, unless gaps are allowed.
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  std::string place() const override;

 private:
  struct Place {
    FileIdentity identity;
    std::string records;  ///< of RowRecords; empty: not read yet
    bool known() const { return identity.inode != 0; }
  };
  void look_at_files();
  void note_place();
  bool open_next();
  bool open_rotated(Place& place, const std::string& path);
  void take_place(const Place& place);
  void finish_file(Output& out);
  void close_file();

  RowSettings settings_;
  std::vector<std::string> files_;
  Say say_;
  Gap gap_;
  std::string state_folder_;  ///< empty: no state is kept
  bool begun_ = false;
  std::size_t at_ = 0;    ///< the file that is read, or comes next
  bool rotated_ = false;  ///< it has another name now
  RejectLog* rejects_ = nullptr;
  int fd_ = -1;
  std::optional<RowRecords> records_;
  std::vector<Place> places_;  ///< of each file
};

}  // namespace weir
