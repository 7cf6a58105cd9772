// One of the files that are, or were, at a followed path.
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <string>

#include "row_records.hpp"
#include "state/file_identity.hpp"

namespace weir::csv_tail {

/// Where an earlier run had got to in a file.
struct FilePlace {
  FileIdentity identity;
  std::string head;       ///< its first bytes, at most 1,024, as far as they had been read
  bool replaced = false;  ///< another file had taken its place, and it had been read to its end
  std::string records;    ///< of RowRecords

  static FilePlace restored(SnapshotReader& from);
};

/// An open file and how far it has been read. What identifies it among the files of this run is device and inode: while
/// it is held open no other can have them.
class Generation {
 public:
  using clock = std::chrono::steady_clock;

  enum class Got {
    rows,      ///< something was done; ask again
    nothing,   ///< all that is there has been read
    truncated  ///< it was cut or rewritten: reading begins at its start again
  };

  /// Takes over `fd`, which `status` describes.
  Generation(int fd, const struct stat& status, const RowSettings& settings, const std::string& name,
             RejectLog& rejects);
  ~Generation();
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  bool is(const struct stat& status) const { return device_ == status.st_dev && inode_ == status.st_ino; }

  /// Passes over the rows that are whole in the first `size` bytes, but for the header.
  void skip_to(std::uint64_t size) { records_.skip_to(size); }

  /// Reads some 128 KiB at most and appends the records of the rows that are whole. Throws std::system_error.
  Got read(Output& out);

  /// What another run needs to find the file and to go on behind the last whole row.
  void snapshot(SnapshotWriter& to);
  /// Goes on from there, if what was read then still stands in this file, or in this copy of it. False, leaving it as
  /// it was, when not.
  bool restore(const FilePlace& place);

  const FileIdentity& identity() const { return identity_; }
  /// When it was last written to, in nanoseconds since 1970.
  std::int64_t modified_ns() const;

  /// The file behind this descriptor begins as this one does and is no longer: a copy of it.
  bool is_copied_in(int fd) const;

  /// Nothing is written to it any more: a last row without a line end counts.
  void finish(Output& out) { records_.finish(out); }

  /// A row was read in part.
  bool within_row() const { return !records_.reader().pending().empty(); }
  /// Behind the last whole row: where reading would go on in another run.
  std::uint64_t offset() const { return records_.reader().consumed(); }

  /// Another file has taken its place.
  void supersede(clock::time_point now) { superseded_ = now; }
  /// How long it has not grown since another file has taken its place.
  clock::duration quiet(clock::time_point now) const { return now - std::max(superseded_, grew_); }

 private:
  enum class Memory { holds, row_taken_back, lost };
  Memory compare();
  std::string read_head(std::uint64_t reached) const;
  Got restart();

  int fd_;
  dev_t device_;
  ino_t inode_;
  FileIdentity identity_;
  std::string name_;
  std::string head_;
  RowRecords records_;
  std::string scratch_;
  struct timespec modified_ {};
  clock::time_point superseded_ = clock::time_point::max();
  bool at_end_ = false;  ///< all that was there had been read
  clock::time_point grew_ = clock::time_point::min();
};

}  // namespace weir::csv_tail
