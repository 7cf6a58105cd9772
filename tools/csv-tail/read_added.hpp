// csv-tail --state without -f: what has been added to files since the last run.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "follow_file.hpp"
#include "pipeline/source.hpp"

namespace weir::csv_tail {

/// Reads files one after the other, each as FollowFile does from the place that an earlier run reached to what is there
/// now: with what was renamed away meanwhile, and without a last row whose end is not there yet.
class ReadAdded : public Source {
 public:
  ReadAdded(RowSettings settings, std::vector<std::string> files, FollowFile::Say say, Gap gap = Gap::refused);

  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  void open_state(const std::string& folder) override { state_folder_ = folder; }
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::string place() const override;
  void snapshot(SnapshotWriter& to) override;
  /// A file's part is looked at, and may throw state::Unusable, when next() comes to it.
  void restore(SnapshotReader& from) override;

 private:
  std::unique_ptr<FollowFile> made(std::size_t which) const;
  void look_at_files();
  void open();
  void note_place(FollowFile& file, std::size_t which);
  void finish(Output& out);

  RowSettings settings_;
  std::vector<std::string> files_;
  FollowFile::Say say_;
  Gap gap_;
  std::string state_folder_;
  RejectLog* rejects_ = nullptr;
  std::vector<std::string> places_;  ///< what FollowFile's snapshot says of each; empty: not opened yet
  std::size_t at_ = 0;
  std::unique_ptr<FollowFile> file_;  ///< the one that is read
  bool begun_ = false;
};

}  // namespace weir::csv_tail
