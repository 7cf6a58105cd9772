// csv-tail without -f: files from beginning to end.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pipeline/source.hpp"
#include "row_records.hpp"
#include "state/file_identity.hpp"

namespace weir {

/// Reads files one after the other; each has its own header. `-` is standard input.
class ReadFiles : public Source {
 public:
  ReadFiles(RowSettings settings, std::vector<std::string> files);
  ~ReadFiles() override;

  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;

  /// The place reached in each file: the next run reads what has been added since, and a file that is another one now
  /// from its beginning.
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  std::string place() const override;

 private:
  struct Place {
    FileIdentity identity;
    std::string records;  ///< of RowRecords; empty: not read yet
  };
  void note_place();
  bool open_next();
  void close_file();

  RowSettings settings_;
  std::vector<std::string> files_;
  std::size_t opened_ = 0;
  RejectLog* rejects_ = nullptr;
  int fd_ = -1;
  std::optional<RowRecords> records_;
  std::vector<Place> places_;  ///< of each file
};

}  // namespace weir
