// Files beside standard output: rejects, late records.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "state/snapshot.hpp"

namespace weir {

/// A side file, such as that of --rejects, opened for appending at the first byte; `-` is not special. Without a path
/// it drops what it gets.
///
/// With checkpoints, bytes belong to an epoch. They are kept in the stage's snapshot and written to the file once that
/// epoch is committed, at a fixed offset, so that writing them again changes nothing. No other process may write the
/// file then.
class SideFile {
 public:
  explicit SideFile(std::string path) : path_(std::move(path)) {}
  ~SideFile();
  SideFile(const SideFile&) = delete;
  SideFile& operator=(const SideFile&) = delete;
  SideFile(SideFile&& other) noexcept;
  SideFile& operator=(SideFile&&) = delete;

  bool wanted() const { return !path_.empty(); }
  /// Creates or opens the file now, so that a path that cannot be written fails before any record is read.
  void open();
  /// Writes all, or keeps it for the epoch, and clears `bytes`. Throws std::system_error naming the file.
  void write(std::string& bytes);

  /// From now on bytes belong to epochs. `path` is used where none was named.
  void keep_epochs(const std::string& path);
  /// The epoch ends: appends its bytes to its snapshot.
  void snapshot(SnapshotWriter& to, std::uint64_t epoch);
  /// Writes the last epoch's snapshot again, with `bytes` after its own; they replace those of an earlier call. Call it
  /// before publish() of that epoch.
  void amend(SnapshotWriter& to, std::uint64_t epoch, std::string_view bytes);
  /// Reads a snapshot, in the order of the epochs.
  void restore(SnapshotReader& from, std::uint64_t epoch);
  /// Writes the bytes of epochs up to this one to the file, durably. Throws std::system_error.
  void publish(std::uint64_t committed);
  /// Bytes of the current epoch in memory.
  std::size_t held() const { return current_.size(); }
  bool all_published() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::uint64_t epoch;
    std::uint64_t offset;
    std::string bytes;
    std::size_t own = bytes.size();  ///< bytes before those of amend()
  };
  void write_at(std::string_view bytes, std::uint64_t offset);

  std::string path_;
  int fd_ = -1;
  bool epochs_ = false;
  std::uint64_t offset_ = 0;  ///< of the current epoch's bytes in the file
  std::string current_;
  std::deque<Waiting> waiting_;
};

}  // namespace weir
