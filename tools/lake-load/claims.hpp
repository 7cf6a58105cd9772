// The commits of a writer of a bucket, one object each: what the folder and the lock are on a disk.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "columns.hpp"
#include "journal.hpp"
#include "s3_store.hpp"

namespace weir::lake_load {

/// What one commit has claimed. Its files follow, so a writer that has lost the number puts none of them.
struct Claim {
  std::uint64_t number = 0;  ///< of commits with files, from 1
  std::string run;           ///< of a pipeline with checkpoints, else empty
  std::uint64_t epoch = 0;
  std::uint64_t next = 1;  ///< the number of the next file
};

/// Objects `_weir/NAME/commits/…`, each put where there is none. Their names count down, so that the last is listed
/// first.
class Claims {
 public:
  Claims(S3Store& store, const std::string& name) : store_(store), folder_("_weir/" + name + "/commits") {}

  /// The last commit, of whatever run. Gives its columns to `columns` where `columns` is given.
  std::optional<Claim> last(Columns* columns = nullptr);
  /// Puts the next commit of this content. Returns false where another run has put one of that number.
  bool put(std::uint64_t number, const Journal::Content& content, const Columns& columns);

 private:
  S3Store& store_;
  std::string folder_;
};

}  // namespace weir::lake_load
