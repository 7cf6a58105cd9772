// The folder of one stage's state, and the words that the stages of a pipeline leave for each other.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"
#include "state/lock_file.hpp"

namespace weir::state {

/// `[a-z0-9_-]{1,64}`: what may name a stage or a pipeline.
bool is_stage_id(std::string_view text);

/// The epochs of which a stage's folder holds snapshots, ascending.
std::vector<std::uint64_t> epochs_in(const std::string& folder);

/// The epochs for which attachments are there (state/attachment.hpp), ascending.
std::vector<std::uint64_t> attachments_in(const std::string& folder);

/// DIR/<stage>: the lock and the epoch files of one stage. It is made with mode 0700.
class StageFolder {
 public:
  /// `root` is the pipeline's folder. Makes both folders where they are not there. Throws std::system_error.
  StageFolder(const std::string& root, const std::string& id, Origin origin);

  const std::string& path() const { return path_; }

  enum class Taken : std::uint8_t { yes, no, twin };
  /// Takes the lock for a run and removes attachments that no snapshot has, which a killed run left; waiting `patience`
  /// at most; `twin` when this very run holds it already: the same stage stands twice in a line. Throws
  /// std::system_error.
  Taken take(std::string_view run, std::chrono::milliseconds patience);

  /// Makes the state of an epoch durable. `place`: EpochFile.
  void write(std::uint64_t epoch, const Fill& fill, std::string_view place = {}) const;
  /// The state of an epoch. Throws Unusable when it is not there or must not be used.
  EpochFile read(std::uint64_t epoch) const;
  /// The epochs that are there, ascending.
  std::vector<std::uint64_t> epochs() const { return epochs_in(path_); }
  /// Removes the files of epochs before `first` or behind `last`, and attachments before `first_attached`.
  void keep(std::uint64_t first, std::uint64_t last, std::uint64_t first_attached = 0) const;

 private:
  std::string file_of(std::uint64_t epoch) const;
  void drop_attachments(const std::function<bool(std::uint64_t)>& needed) const;
  std::string path_;
  Origin origin_;
  std::optional<LockFile> lock_;
};

/// DIR/commit and DIR/resume: what the sink says to the others.
class RunFolder {
 public:
  explicit RunFolder(std::string root) : root_(std::move(root)) {}

  /// The last epoch that the sink has committed, as far as is known: never more than it has. 0 when none.
  std::uint64_t committed() const;
  /// Power that goes may take back what was not durable: it then says less than the sink has.
  void write_committed(std::uint64_t epoch, Durable durable) const;

  /// For how long the stages together stood still for the last epoch that the sink has committed; nothing when not for
  /// long. A hint, and not durable.
  std::chrono::milliseconds pace() const;
  void write_pace(std::chrono::milliseconds took) const;

  /// A stage has as much of an epoch in memory as it should: the source is asked to end it. A hint, and not durable.
  void ask_for_barrier() const;
  bool barrier_asked_for() const;
  void withdraw_asking() const;

  /// What the sink has said to a run.
  struct Resume {
    bool heard = false;                  ///< it knows of the run, and may have to wait for its store
    std::optional<std::uint64_t> epoch;  ///< to be restored
  };
  Resume resume(std::string_view run) const;
  /// Says it; without an epoch that it has heard. What earlier runs were told is forgotten.
  void write_resume(std::string_view run, std::optional<std::uint64_t> epoch) const;

 private:
  std::string root_;
};

/// 128 random bits as 32 hexadecimal digits: the name of a run.
std::string new_run();

}  // namespace weir::state
