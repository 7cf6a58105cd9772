// A table whose files are objects of a bucket.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/s3/bucket.hpp"
#include "table_store.hpp"

namespace weir::lake_load {

/// Paths within the table are keys after a prefix. What is put there is put where nothing is: an object of other bytes
/// is another writer's, and ends the run.
class S3Store final : public TableStore {
 public:
  /// `prefix` may be empty. `scratch` is a folder of this machine. Probes whether the server honours If-None-Match;
  /// throws cli::UsageError where it does not.
  S3Store(const s3::Settings& settings, std::string prefix, std::string scratch, Log& log, s3::Stop stop);

  std::optional<std::string> read(const std::string& path) override;
  /// An object of the same bytes counts as made: the answer of an earlier request may have been lost.
  bool put_if_absent(const std::string& path, std::string_view bytes) override;
  void replace(const std::string& path, std::string_view bytes) override;
  std::vector<std::string> list(const std::string& folder) override;
  bool take(const std::string& made, const std::string& path) override;
  std::optional<std::string> fetch(const std::string& path) override;
  /// Aborts what an earlier run of the writer of that name has begun to put in parts and not completed.
  void abort_uploads(const std::string& name);
  /// The first name in a folder.
  std::optional<std::string> first(const std::string& folder);

 private:
  void probe();
  std::string key_of(const std::string& path) const { return prefix_.empty() ? path : prefix_ + '/' + path; }

  Log& log_;
  s3::Bucket bucket_;
  std::string prefix_;
  std::string scratch_;
};

}  // namespace weir::lake_load
