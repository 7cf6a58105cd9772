// The sink of lake-load: records into the partitioned files of a lake.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "columns.hpp"
#include "partition.hpp"
#include "pipeline/transaction_sink.hpp"
#include "record/time_field.hpp"
#include "table_files.hpp"

namespace weir::lake_load {

/// Records wait as lines, a file for each partition, until a file is full, its time is over or the input ends. Its
/// rows are visible then. With checkpoints an epoch makes all that has come durable, waiting lines too.
class LakeLoad : public TransactionSink {
 public:
  struct Settings {
    FileSettings files;
    std::string partition;  ///< a PartitionTemplate
    ColumnSettings columns;
    bool round = false;
    TimeSettings time;
    bool report_total = false;  ///< report rows and files at the end
  };

  /// Throws std::invalid_argument, naming the option.
  explicit LakeLoad(Settings settings);

  const FieldSet& fields() const override { return fields_; }
  std::vector<NamedField> named_fields() const override;
  FutureGuard* future_guard() override { return time_ ? &time_->guard() : nullptr; }
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_watermark(Time time) override { files_->on_watermark(time); }
  void on_pause(InputFlow flow) override;
  CountReport counts() const override;
  bool finish() override;
  std::string summary() const override;

  std::uint64_t fence(const PipelineRun& run) override;
  std::uint64_t held_bytes() const override { return files_->held_bytes(); }
  void on_end() override { files_->end_all(); }
  bool commit(std::uint64_t epoch) override;
  void close() override { files_.reset(); }

 private:
  void open(const std::string& run);

  Settings settings_;
  FieldSet fields_;
  PartitionTemplate partition_;
  ValueReader values_;
  std::optional<TimeField> time_;  ///< where partitions are of a time
  Columns columns_;
  SinkHost* host_ = nullptr;
  std::unique_ptr<TableFiles> files_;
  Place place_;
};

}  // namespace weir::lake_load
