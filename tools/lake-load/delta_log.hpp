// The log of a Delta table: a file of actions a version, made only where there is none.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "columns.hpp"
#include "delta_checkpoint.hpp"
#include "journal.hpp"
#include "table_store.hpp"

namespace weir::lake_load {

/// What a log goes by.
struct DeltaSettings {
  std::string table;                     ///< for messages
  std::string name;                      ///< of the writer
  std::string scratch;                   ///< a folder of this machine
  std::uint64_t checkpoint_every = 100;  ///< versions
};

/// The log in `TABLE/_delta_log`, at protocol 1 for readers and 2 for writers. A transaction identifier (`txn`) of the
/// application `weir/NAME` has the pipeline's epoch as its version.
class DeltaLog {
 public:
  /// `partitions` are the names of the partition columns. `store` must outlive this. Reads the log from its last
  /// checkpoint on. Throws std::runtime_error where the table cannot be written.
  DeltaLog(TableStore& store, const DeltaSettings& settings, std::vector<std::string> partitions);
  ~DeltaLog();
  DeltaLog(const DeltaLog&) = delete;
  DeltaLog& operator=(const DeltaLog&) = delete;

  /// Reads what has been committed since the last call. Throws as the constructor.
  void read();
  /// The last version; nothing before the first.
  std::optional<std::uint64_t> version() const { return version_; }
  /// The last epoch of this application that is in the table.
  std::uint64_t epoch() const { return epoch_; }
  /// Gives the table's columns to `columns`.
  void adopt_into(Columns& columns) const;

  /// Adds the files to the table in one commit, with the epoch. New columns come into the schema. So many versions
  /// after the last checkpoint another one follows.
  /// Throws std::runtime_error where another run has committed for this application since read().
  void commit(const std::vector<FinishedFile>& files, const Columns& columns, std::uint64_t epoch,
              std::string_view run);

 private:
  struct Actions;
  std::string place() const;
  void begin();
  bool read_checkpoint();
  void read_version(std::uint64_t version, const std::string& bytes);
  void read_action(const std::string& path, std::string_view line);
  void read_schema();
  std::string wider_schema(const Columns& columns) const;
  std::string actions(const std::vector<FinishedFile>& files, const std::string& schema, std::uint64_t epoch,
                      std::string_view run) const;
  void write_checkpoint();

  TableStore& store_;
  DeltaSettings settings_;
  std::string app_;
  std::vector<std::string> partitions_;
  std::unique_ptr<Actions> actions_;
  std::optional<std::uint64_t> version_;
  std::optional<CheckpointMark> checkpoint_;  ///< the last one known
  std::uint64_t epoch_ = 0;
  std::string meta_;                                         ///< the last metaData action, as JSON
  std::string schema_;                                       ///< its schemaString
  std::vector<std::pair<std::string, std::string>> fields_;  ///< names and types in it
};

}  // namespace weir::lake_load
