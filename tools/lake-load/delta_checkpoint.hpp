// What a Delta table consists of, and its checkpoint: a Parquet file of it, so that no reader needs the log before.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"
#include "table_store.hpp"

namespace weir::lake_load {

constexpr const char* delta_folder = "_delta_log";

/// Calls `each` with the lines of a text that are not empty, without their ends.
template <typename Each>
void each_line(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    if (!line.empty()) each(line);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
}

/// The path of a version's file in the log.
std::string version_path(std::uint64_t version, std::string_view suffix = ".json");

/// A checkpoint that there is.
struct CheckpointMark {
  std::uint64_t version = 0;
  std::uint64_t parts = 1;
  std::vector<std::string> paths() const;
};

/// The last checkpoint as `_last_checkpoint` names it.
std::optional<CheckpointMark> last_checkpoint(TableStore& store);
/// The last checkpoint among the names of the log's files.
std::optional<CheckpointMark> last_checkpoint_of(const std::vector<std::string>& names);
/// The version of a name as of a file of actions, if it is one.
std::optional<std::uint64_t> version_of(std::string_view name);

/// What is left of actions, one line each, taken in order. Memory for each file of the table, and removed file of the
/// last week.
class DeltaState {
 public:
  DeltaState();
  /// Files that were removed before that time (milliseconds since 1970) are forgotten.
  void forget_removed_before(std::int64_t time) { oldest_removed_ = time; }
  /// Throws std::runtime_error for a line that is not JSON.
  void take(std::string_view line);
  /// Makes the checkpoint of `version` from these actions, through the file `scratch`. Without protocol and metaData,
  /// which each table has, nothing is made.
  void write(TableStore& store, std::uint64_t version, const std::string& scratch) const;

 private:
  FieldSet fields_;
  FieldId protocol_field_, meta_field_, transaction_, add_, remove_, app_, added_, data_change_, removed_, removed_at_;
  RecordParser parser_{fields_, Checking::every_token};
  std::string protocol_;  ///< lines
  std::string meta_;
  std::map<std::string, std::string> transactions_;  ///< by application
  std::map<std::string, std::string> files_;         ///< by path
  std::map<std::string, std::string> removals_;      ///< by path
  std::int64_t oldest_removed_ = 0;
};

}  // namespace weir::lake_load
