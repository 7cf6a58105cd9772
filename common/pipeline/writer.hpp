// Bytes out: to standard output and to side files.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "state/snapshot.hpp"

namespace weir {

/// A side file, such as that of --rejects, opened for appending at the first byte; `-` is not special. Without a path
/// it takes nothing.
///
/// With checkpoints what is written belongs to an epoch: it is kept in the stage's snapshot and stands in the file once
/// that epoch is committed, at the place that it has there for good, so that doing it again changes nothing. The file
/// must be this stage's alone then.
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

  /// From now on what is written belongs to epochs. With `path` where none was named.
  void keep_epochs(const std::string& path);
  /// The epoch ends: appends what has been written in it to its snapshot.
  void snapshot(SnapshotWriter& to, std::uint64_t epoch);
  /// As snapshot(), again for the last epoch, which has these bytes besides: they take the place of those of an earlier
  /// call. Before publish() of it.
  void amend(SnapshotWriter& to, std::uint64_t epoch, std::string_view bytes);
  /// Reads what snapshot() wrote, in the order of the epochs.
  void restore(SnapshotReader& from, std::uint64_t epoch);
  /// What belongs to epochs up to this one comes into the file, durably. Throws std::system_error.
  void publish(std::uint64_t committed);
  /// Bytes of the epoch that are in memory.
  std::size_t held() const { return current_.size(); }
  bool all_published() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::uint64_t epoch;
    std::uint64_t offset;
    std::string bytes;
    std::size_t own = bytes.size();  ///< of them without those of amend()
  };
  void write_at(std::string_view bytes, std::uint64_t offset);

  std::string path_;
  int fd_ = -1;
  bool epochs_ = false;
  std::uint64_t offset_ = 0;  ///< where the epoch's bytes will stand
  std::string current_;
  std::deque<Waiting> waiting_;
};

/// Standard output. Asks for a pipe of 1 MiB and writes in blocks that fit it.
class StandardOutput {
 public:
  StandardOutput();

  /// How many bytes are worth a write under load.
  std::size_t block() const { return block_; }

  /// Writes all and clears `bytes`. Throws cli::OutputClosed when the reader is gone, std::system_error on any other
  /// error. After a stop was requested a reader that does not read is waited for 5 seconds at most.
  void write(std::string& bytes);

  /// The descriptor, for poll(2) with no events: POLLERR says that the reader is gone.
  static int descriptor();

  /// close(2) with its error looked at, so that a full disk is not missed. Throws std::system_error.
  void close();

 private:
  std::size_t block_;
};

}  // namespace weir
