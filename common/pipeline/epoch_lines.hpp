// The lines of an epoch that ends after a number of them.
#pragma once
#include <cstdint>

namespace weir {

/// Counts the lines of a source's epoch, and tells when it has as many as it may have. An epoch that cannot end then,
/// as too many are on their way, goes on to the next multiple.
class EpochLines {
 public:
  /// `most` lines of an epoch, at least one.
  explicit EpochLines(std::uint64_t most) : most_(most) {}

  /// The lines that are left up to the next multiple, with those that wait to be written.
  std::uint64_t left(std::uint64_t waiting) const { return most_ - (lines_ + waiting) % most_; }

  void add_written(std::uint64_t lines) { lines_ += lines; }

  /// Notes the lines that there are now. Returns whether the epoch may end here: it has just reached a multiple, or has
  /// passed one by the rest of a message.
  bool note_due(std::uint64_t waiting) {
    const std::uint64_t lines = lines_ + waiting;
    if (lines / most_ > multiples_) {
      multiples_ = lines / most_;
      due_at_ = lines;
    }
    return lines > 0 && lines == due_at_;
  }

 private:
  std::uint64_t most_;
  std::uint64_t lines_ = 0;  ///< written
  std::uint64_t multiples_ = 0;
  std::uint64_t due_at_ = 0;  ///< lines, when the last multiple was reached
};

}  // namespace weir
