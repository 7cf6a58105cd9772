// csv-tail without -f: files from beginning to end or, with --state, what was added to them since the last run.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "follow_file.hpp"
#include "pipeline/source.hpp"
#include "row_records.hpp"
#include "state/descriptor.hpp"

namespace weir::csv_tail {

/// The file that is read, and the position in each file; nothing where it was not opened yet.
struct FilesPosition {
  std::size_t current = 0;
  std::vector<std::optional<FollowPosition>> files;
  std::string orders{};  ///< with keys, of each of them

  void state(StateArchive& archive) { archive.values(current, files, orders); }
};

/// Reads files one after the other; each has its own header. `-` is standard input.
///
/// With --state each file is read as FollowFile does, from the position of the last run to the end that it has now:
/// with the files that were renamed away meanwhile, and without a last row whose end is not there yet.
class ReadFiles : public Source<FilesPosition> {
 public:
  ReadFiles(RowSettings settings, std::vector<std::string> files, Gap gap = Gap::refused);

  void start(SourceHost& host) override { host_ = &host; }
  void begin() override;
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  FilesPosition position() override;
  /// Each file is looked for, and may throw state::Unusable, when next() comes to it.
  void restore(const FilesPosition& position) override;
  std::string position_text() const override;
  std::string summary() const override { return memory_.summary(); }

 private:
  bool keeps_state() const { return !host_->folder().empty(); }
  Step next_whole(Output& out);
  bool open_whole();
  Step next_added(Output& out);
  std::unique_ptr<FollowFile> followed(std::size_t which);
  void open_added();

  RowSettings settings_;
  std::vector<std::string> files_;
  Gap gap_;
  SourceHost* host_ = nullptr;
  TableMemory memory_;
  std::size_t current_ = 0;
  // without --state
  state::Descriptor file_{-1};
  std::optional<RowRecords> records_;
  // with --state
  std::vector<std::optional<FollowPosition>> positions_;
  std::unique_ptr<FollowFile> added_;  ///< the current file, once it is open
};

}  // namespace weir::csv_tail
