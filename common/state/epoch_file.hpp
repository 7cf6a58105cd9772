// The file e-N of a stage: its state at the end of epoch N.
#pragma once
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "state/snapshot.hpp"

namespace weir::state {

/// Saved state that must not be used: damaged, of another tool, of other options, of another version. A person must
/// decide.
class Unusable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a snapshot belongs to.
struct Origin {
  std::string tool;
  std::uint32_t schema = 1;  ///< the version of what the tool writes
  std::string settings;      ///< the options that shape the state, one `--name=value` a line
};

/// Writes a stage's state.
using Fill = std::function<void(SnapshotWriter&)>;

/// Hands the bytes of an epoch file to `take`, piece by piece: magic, format, tool, schema, settings, epoch,
/// position, what `fill` writes, and CRC32C (RFC 3720, B.4) over all of that.
void encode_epoch(const Origin& origin, std::uint64_t epoch, std::string_view position, const Fill& fill,
                  const std::function<void(std::string_view)>& take);

/// Writes an epoch file durably, without holding it in memory. Throws std::system_error.
void write_epoch(const std::string& path, const Origin& origin, std::uint64_t epoch, std::string_view position,
                 const Fill& fill);

/// The content of an epoch file.
struct EpochFile {
  Origin origin;
  std::uint64_t epoch = 0;
  std::string position;  ///< of a source, for a person
  std::string bytes;     ///< the whole file
  std::size_t at = 0;    ///< where in them the state begins

  std::string_view payload() const;
};

/// Reads the bytes of an epoch file. `name` is for messages. Throws Unusable when they are damaged.
EpochFile decode_epoch(std::string bytes, const std::string& name);

/// Throws Unusable with what differs, unless a snapshot found as `found` may be used by `wanted` for `epoch`.
void check_epoch(const EpochFile& found, const Origin& wanted, std::uint64_t epoch, const std::string& name);

}  // namespace weir::state
