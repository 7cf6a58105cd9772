// csv-append with checkpoints: every epoch's rows once, whatever is killed when.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pipeline/sink.hpp"
#include "row_builder.hpp"
#include "shared_file.hpp"
#include "state/file_identity.hpp"

namespace weir {

/// Gathers the rows of an epoch. Its snapshot says which file they belong to and from which length on, and holds them:
/// it is the commit. They are appended behind it, and a start completes what the last run has begun. Nothing is ever
/// cut off, so a reader that follows the file sees whole epochs, or the beginning of one.
class EpochAppend : public Sink {
 public:
  struct Settings {
    std::string path;
    csv::Format format;
    std::vector<std::string> columns;  ///< empty: the file's own, or the first record's fields
  };

  EpochAppend(Settings settings, SharedFile::Say say);
  ~EpochAppend() override;

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record) override;
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  bool commit(std::uint64_t epoch) override;
  bool finish() override { return true; }

 private:
  /// The rows of an epoch and where they belong.
  struct Plan {
    FileIdentity file;
    std::uint64_t offset = 0;
    std::string bytes;
  };
  void settle_columns(const Record* first);
  void open_at_path();
  int find_planned() const;

  Settings settings_;
  SharedFile::Say say_;
  FieldSet fields_;
  std::optional<RowBuilder> rows_;
  std::string header_;
  std::string pending_;
  Plan plan_;
  int fd_ = -1;
};

}  // namespace weir
