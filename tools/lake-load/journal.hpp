// What is known of a writer's files: the file in its folder that is replaced at each commit.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "columns.hpp"
#include "open_file.hpp"
#include "state/lock_file.hpp"

namespace weir::lake_load {

/// A file that is whole, and either visible already or about to become so.
struct FinishedFile {
  std::string made;                                ///< its path before, in the writer's folder
  std::string path;                                ///< its path within the table
  std::vector<std::optional<std::string>> values;  ///< of the partitions
  std::uint64_t rows = 0;
  std::uint64_t size = 0;  ///< bytes
  std::string stats;       ///< JSON, for a Delta table

  void state(StateArchive& archive) { archive.values(made, path, values, rows, size, stats); }
};

/// The writer's folder, `DIR/_weir/NAME` on a disk, with the lock that keeps other writers of that name out.
class Journal {
 public:
  /// What one commit makes durable.
  struct Content {
    std::string run;                       ///< of a pipeline with checkpoints, else empty
    std::uint64_t epoch = 0;               ///< that is committed
    std::uint64_t next = 1;                ///< the number of the next file
    std::uint64_t records = 0;             ///< that have come
    std::map<std::string, OpenFile> open;  ///< by the keys of their places
    std::vector<FinishedFile> finished;    ///< of this commit
    std::optional<std::uint64_t> claimed;  ///< commits that are whole in the bucket; nothing on a disk
    void state(StateArchive& archive);
  };

  /// Makes the folder and takes the lock. Throws std::runtime_error when another process holds it.
  Journal(std::string folder, const std::string& table, const std::string& name);

  const std::string& folder() const { return folder_; }
  /// Reads the last commit, if there is one. `columns` gets what is known of columns. Throws state::Unusable.
  bool load(Content& content, Columns& columns) const;
  /// Makes a commit durable.
  void save(Content& content, Columns& columns) const;
  /// Removes files of the folder that `content` does not name.
  void tidy(const Content& content) const;

 private:
  std::string folder_;
  std::optional<state::LockFile> lock_;
};

}  // namespace weir::lake_load
