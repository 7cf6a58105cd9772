// The sink of lake-load: records into the partitioned files of a lake.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "columns.hpp"
#include "net/s3/bucket.hpp"
#include "partition.hpp"
#include "pipeline/transaction_sink.hpp"
#include "record/time_field.hpp"
#include "table_files.hpp"

namespace weir::lake_load {

/// What the name of a table in a bucket begins with.
constexpr std::string_view bucket_scheme = "s3://";

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
    s3::Settings bucket;        ///< of a table s3://BUCKET/PREFIX
    std::string prefix;         ///< of its keys
  };

  /// Throws std::invalid_argument, naming the option.
  explicit LakeLoad(Settings settings);

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
  std::string instead_of_rebuild() const override { return "start over with another DIR"; }
  std::uint64_t held_bytes() const override { return files_->held_bytes(); }
  void on_end() override { files_->end_all(); }
  bool commit(std::uint64_t epoch) override;
  void close() override { files_.reset(); }
  ~LakeLoad() override;

 private:
  bool is_in_bucket() const { return settings_.files.table.starts_with(bucket_scheme); }
  void open(const PipelineRun* run);

  Settings settings_;
  PartitionTemplate partition_;
  ValueReader values_;
  std::optional<TimeField> time_;  ///< where partitions are of a time
  Columns columns_;
  SinkHost* host_ = nullptr;
  std::unique_ptr<TableFiles> files_;
  Place place_;
  std::string temporary_;  ///< the folder of files under way of a bucket's table without checkpoints
};

}  // namespace weir::lake_load
