// One of the files that are, or were, at a followed path.
#pragma once
#include <sys/stat.h>

#include <chrono>
#include <limits>
#include <string>

#include "row_records.hpp"
#include "state/archive.hpp"
#include "state/file_identity.hpp"

namespace weir::csv_tail {

/// The position in a file: which file it is, and how far it was read.
struct FilePosition {
  FileIdentity identity;
  std::string head;       ///< its first bytes, at most 1,024, as far as they had been read
  bool replaced = false;  ///< it was read to its end, and another file had taken its place
  std::string records;    ///< the state of RowRecords
  RowMark mark;           ///< the rows that were read

  void state(StateArchive& archive) { archive.values(identity, head, replaced, records, mark); }
};

/// An open file that is read as it grows. Device and inode tell it from the other files of this run: no other file can
/// have them while it is open.
class TailedFile {
 public:
  using clock = std::chrono::steady_clock;

  enum class Got {
    rows,      ///< something was done; ask again
    nothing,   ///< all that is there has been read
    truncated  ///< it was cut or rewritten: reading begins at its start again
  };

  /// Takes over `fd`, which `status` describes.
  TailedFile(int fd, const struct stat& status, const RowSettings& settings, const std::string& name, SourceHost& host,
             TableMemory& memory);
  ~TailedFile();
  TailedFile(const TailedFile&) = delete;
  TailedFile& operator=(const TailedFile&) = delete;

  bool is(const struct stat& status) const { return device_ == status.st_dev && inode_ == status.st_ino; }

  /// Skips the rows that are whole in the first `size` bytes, except the header.
  void skip_to(std::uint64_t size) { records_.skip_to(size); }

  /// Reads some 128 KiB at most and appends the records of the rows that are whole. Throws std::system_error.
  Got read(Output& out);

  /// The position after the last whole row.
  FilePosition position();
  /// Continues at a position if what was read then is still in the file. Otherwise false, and it stays at its
  /// beginning.
  bool restore(const FilePosition& position);

  /// The rows up to the position.
  const RowMark& mark() const { return *records_.mark(); }

  const FileIdentity& identity() const { return identity_; }
  /// The time of the last write to it, in nanoseconds since 1970.
  std::int64_t modified_ns() const;

  /// The file of this descriptor begins as this one does and is no longer: a copy that somebody made of it.
  bool is_copied_in(int fd) const;

  /// Nothing is written to it any more: a last row without a line end counts.
  void finish(Output& out) { records_.finish(out); }

  /// A part of a row was read.
  bool within_row() const { return !records_.reader().pending().empty(); }
  /// The offset after the last whole row.
  std::uint64_t offset() const { return records_.reader().consumed(); }

  /// What was read ends within quotes, which may be closed yet.
  bool waits_for_quote() const { return records_.reader().open_quote(); }

  /// Another file has taken its place.
  void supersede(clock::time_point now) { superseded_ = now; }
  /// How long it has not grown since another file took its place.
  clock::duration quiet(clock::time_point now) const { return now - std::max(superseded_, grew_); }

 private:
  static constexpr std::uint64_t no_quote = std::numeric_limits<std::uint64_t>::max();
  enum class Memory { holds, row_taken_back, lost };
  Memory compare();
  std::string read_head(std::uint64_t reached) const;
  Got restart();
  bool give_up_quote(Output& out);
  void begin();

  int fd_;
  dev_t device_;
  ino_t inode_;
  FileIdentity identity_;
  std::string name_;
  const RowSettings& settings_;
  SourceHost& host_;
  TableMemory& memory_;
  std::string head_;
  RowRecords records_;
  std::string scratch_;
  struct timespec modified_ {};
  clock::time_point superseded_ = clock::time_point::max();
  Duration quote_limit_;
  clock::time_point quote_since_{};    ///< when the quote that is open was first seen
  std::uint64_t quote_at_ = no_quote;  ///< the offset of its row
  bool begun_ = false;                 ///< it was read, or its position restored
  bool at_end_ = false;                ///< all that was there had been read
  clock::time_point grew_ = clock::time_point::min();
};

}  // namespace weir::csv_tail
