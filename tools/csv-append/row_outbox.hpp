// The rows of an epoch on their way into a file, with checkpoints: each row once, whatever is killed when.
#pragma once
#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "append_plan.hpp"
#include "csv/row_reader.hpp"
#include "pipeline/wait.hpp"
#include "state/attachment.hpp"
#include "state/descriptor.hpp"

namespace weir::csv_append {

/// Gathers rows in an attachment to the snapshot of their epoch. The snapshot says which file they belong to and from
/// which length on. A thread appends them while the next epoch comes, and a start completes what the last run began.
/// Nothing is ever cut off: a reader of the file sees whole epochs, or the beginning of one.
///
/// All calls throw std::system_error, and state::Unusable where the file or the attachment is not what it was.
class RowOutbox {
 public:
  /// `path` is the CSV file, `folder` that of the stage.
  RowOutbox(std::string path, std::string folder);
  /// Leaves to the next start what the thread has not appended: a stage that is to stop does not wait for it.
  ~RowOutbox();
  RowOutbox(const RowOutbox&) = delete;
  RowOutbox& operator=(const RowOutbox&) = delete;

  /// Takes rows of the epoch under way and clears `rows`.
  void put(std::string& rows);

  /// Whether the file at the path can be written anew with more columns: it has rows only, or is not there.
  bool can_widen(const csv::Format& format) const;
  /// The rows of the epoch under way get empty cells up to so many columns.
  void pad(const csv::Format& format, std::size_t columns);

  /// More columns than the file has.
  struct Wider {
    csv::Format format;
    std::vector<std::string> from;  ///< those that it has
    std::vector<std::string> to;    ///< they begin with `from`
  };
  /// The epoch ends. `header` is the row that an empty file begins with. With `wider` the file is written anew beside
  /// the old one, whose place it takes when the epoch is carried out. Throws std::runtime_error when it has other
  /// columns.
  void seal(const std::string& header, const std::optional<Wider>& wider);
  void state(StateArchive& archive);

  /// Appends the rows of the epoch; true when they are on the disk.
  bool carry_out(std::uint64_t epoch);

  /// Readable when carry_out() may have become true.
  pollfd descriptor() const { return {done_.get(), POLLIN, 0}; }

 private:
  void open_at_path();
  void write_wider_file(const Wider& wider);
  std::string wider_path() const;
  std::string padded_path() const { return folder_ + "/rows.wider"; }
  std::string find(const FileIdentity& file, state::Descriptor& open) const;
  void place_wider_file() const;
  void append_planned(std::uint64_t epoch);

  std::string path_;
  std::string folder_;
  std::unique_ptr<state::Attachment> coming_;  ///< of the epoch under way
  std::uint64_t epoch_ = 0;                    ///< the last one that ended

  // Of that one; the thread's while it runs.
  AppendPlan plan_;
  std::unique_ptr<state::Attachment> planned_;   ///< its rows, unless an earlier run wrote them
  std::unique_ptr<state::Attachment> appended_;  ///< those of the epoch before it
  state::Descriptor out_{-1};
  state::Descriptor done_;  ///< an eventfd: the thread has ended
  std::atomic<bool> stop_ = false;
  std::future<void> appending_;
};

}  // namespace weir::csv_append
