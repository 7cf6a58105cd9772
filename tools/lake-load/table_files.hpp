// The files of a table: under way, finished, visible.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "claims.hpp"
#include "columns.hpp"
#include "delta_log.hpp"
#include "journal.hpp"
#include "rows_file.hpp"
#include "table_store.hpp"

namespace weir::lake_load {

enum class Format : std::uint8_t { parquet, ndjson };

/// How files are written and when they end.
struct FileSettings {
  std::string table;  ///< the folder, or s3://BUCKET/PREFIX
  std::string work;   ///< the folder of files under way
  std::string name;   ///< of the writer, in the names of files
  Format format = Format::parquet;
  bool delta = false;
  std::uint64_t checkpoint_every = 100;  ///< versions of a Delta log
  std::uint64_t roll_rows = 1'000'000;
  std::uint64_t roll_bytes = 256 << 20;  ///< of lines
  std::uint64_t max_open = 200;
  ParquetLayout layout;
};

/// Makes the place of the table; the other one is given where it is a bucket.
struct Stores {
  std::unique_ptr<TableStore> store;
  S3Store* bucket = nullptr;  ///< the same, if it is one
};
using MakeStore = std::function<Stores()>;

/// Takes the records of a writer, ends files and makes them visible. A file's name and content depend on the records
/// alone. Nothing is visible half written.
class TableFiles {
 public:
  /// Takes the writer's folder. What an earlier run has committed is made visible. `pipeline` is the name of its run,
  /// empty without checkpoints. Throws where another process holds the folder or the table is another one.
  TableFiles(FileSettings settings, Columns& columns, const FieldSet& fields, std::vector<std::string> partitions,
             const std::string& pipeline, const MakeStore& make);

  /// The epoch that is committed.
  std::uint64_t epoch() const { return content_.epoch; }

  /// The open file at that place; `complete` fills the place in where there is none yet.
  template <typename Complete>
  OpenFile& at(Place& place, Complete complete) {
    if (last_ != nullptr && last_->place().key == place.key) return *last_;
    const auto found = content_.open.find(place.key);
    if (found != content_.open.end()) return *(last_ = &found->second);
    complete();
    return open(place);
  }
  /// Takes a record's line.
  void append(OpenFile& file, std::string_view line);
  /// Ends the files of places whose time is over.
  void on_watermark(Time time);
  /// Ends all files.
  void end_all();
  /// Whether files wait to become visible.
  bool has_finished() const { return !content_.finished.empty(); }

  /// Makes all that has come durable as that epoch, and finished files visible.
  void commit(std::uint64_t epoch);

  std::size_t held_bytes() const { return held_bytes_; }
  std::uint64_t files() const { return files_; }
  std::uint64_t rows() const { return rows_; }
  /// Files that ended because more than max_open were open.
  std::uint64_t ended_early() const { return ended_early_; }

 private:
  OpenFile& open(const Place& place);
  void end_file(std::map<std::string, OpenFile>::iterator at);
  template <typename Chosen>
  void end_those(Chosen chosen);
  void end_least_used();
  void publish();
  void claim();
  void check_claims(bool known, const std::string& pipeline);

  FileSettings settings_;
  Columns& columns_;
  const FieldSet& fields_;
  Journal journal_;
  Stores stores_;
  std::optional<Claims> claims_;
  std::optional<DeltaLog> log_;
  Journal::Content content_;
  OpenFile* last_ = nullptr;
  std::vector<std::string> done_;  ///< lines that are in finished files: removed after the commit
  std::size_t held_bytes_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t ended_early_ = 0;
};

}  // namespace weir::lake_load
