// A pipeline as several shards: copies of it, each with its part of the input and a state of its own.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "cli/errors.hpp"
#include "time/time_types.hpp"

namespace weir::pipe_run {

/// One of `of` shards, from 1.
struct Shard {
  std::uint64_t number = 1;
  std::uint64_t of = 1;
  std::string text() const;  ///< `2/4`
};

/// Throws cli::StateError where the state folder is that of another number of shards; `count` 0: not in shards.
void check_shards(const std::string& folder, std::uint64_t count);

/// Whether a state folder has a snapshot of any stage.
bool has_snapshots(const std::string& folder);

/// Makes this process one shard, in the environment that its stages get: WEIR_SHARD is `2/4`, WEIR_SHARD_NUMBER is `2`,
/// the state folder is that of the pipeline with `/2` after it, and the pipeline's name has `.2` after it.
void become_shard(const Shard& shard);

/// Runs this program again for each of `count` shards, with `--shard K` before its other arguments, and passes a stop
/// request on. A shard that ends does not end the others. Returns the worst of their exit statuses. Those that
/// have not ended three times `patience` after it get SIGKILL. Throws std::system_error.
cli::Exit run_shards(std::uint64_t count, Duration patience, const std::function<void(const std::string&)>& warn);

}  // namespace weir::pipe_run
