// The log of a Delta table: a file of actions a version, made only where there is none.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "columns.hpp"
#include "journal.hpp"

namespace weir::lake_load {

/// The log in `TABLE/_delta_log`, at protocol 1 for readers and 2 for writers. A transaction identifier (`txn`) of the
/// application `weir/NAME` has the pipeline's epoch as its version.
class DeltaLog {
 public:
  /// `partitions` are the names of the partition columns. Throws std::runtime_error where the table cannot be written.
  DeltaLog(const std::string& table, const std::string& name, std::vector<std::string> partitions);

  /// Reads what has been committed since the last call. Throws as the constructor.
  void read();
  /// The last version; nothing before the first.
  std::optional<std::uint64_t> version() const { return version_; }
  /// The last epoch of this application that is in the table.
  std::uint64_t epoch() const { return epoch_; }
  /// Gives the table's columns to `columns`.
  void adopt_into(Columns& columns) const;

  /// Adds the files to the table in one commit, with the epoch. New columns come into the schema.
  /// Throws std::runtime_error where another run has committed for this application since read().
  void commit(const std::vector<FinishedFile>& files, const Columns& columns, std::uint64_t epoch,
              std::string_view run);

 private:
  void read_version(std::uint64_t version);
  void read_schema();
  std::string wider_schema(const Columns& columns) const;
  std::string file_of(std::uint64_t version) const;
  std::vector<std::uint64_t> versions() const;
  std::string actions(const std::vector<FinishedFile>& files, const std::string& schema, std::uint64_t epoch,
                      std::string_view run) const;
  bool put_if_absent(std::uint64_t version, const std::string& bytes) const;

  std::string folder_;
  std::string app_;
  std::vector<std::string> partitions_;
  std::optional<std::uint64_t> version_;
  std::uint64_t epoch_ = 0;
  std::uint64_t own_commits_ = 0;                            ///< of this application
  std::string meta_;                                         ///< the last metaData action, as JSON
  std::string schema_;                                       ///< its schemaString
  std::vector<std::pair<std::string, std::string>> fields_;  ///< names and types in it
};

}  // namespace weir::lake_load
