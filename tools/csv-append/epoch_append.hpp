// csv-append with checkpoints: every epoch's rows once, whatever is killed when.
#pragma once
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "append_plan.hpp"
#include "pipeline/sink.hpp"
#include "row_builder.hpp"
#include "shared_file.hpp"
#include "state/attachment.hpp"
#include "state/descriptor.hpp"

namespace weir::csv_append {

/// Writes the rows of an epoch into a file beside its snapshot. The snapshot says which file they belong to and from
/// which length on, and vouches for them: it is the commit. They are appended behind it, by a thread while the next
/// epoch comes, and a start completes what the last run has begun. Nothing is ever cut off, so a reader that follows
/// the file sees whole epochs, or the beginning of one.
class EpochAppend : public Sink {
 public:
  struct Settings {
    std::string path;
    csv::Format format;
    std::vector<std::string> columns;  ///< empty: the file's own, or the first record's fields
  };

  EpochAppend(Settings settings, SharedFile::Say say);
  ~EpochAppend() override;

  const FieldSet& fields() const override { return fields_; }
  void open_state(const std::string& folder) override { folder_ = folder; }
  Verdict on_record(const Record& record) override;
  void on_pause(bool paused) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::uint32_t schema() const override { return 2; }
  Holds holds_epochs() const override { return Holds::on_disk; }
  void snapshot(SnapshotWriter& to) override;
  void restore(SnapshotReader& from) override;
  bool commit(std::uint64_t epoch) override;
  bool finish() override { return true; }

 private:
  void settle_columns(const Record* first);
  void open_at_path();
  int find_planned() const;
  void put_rows();
  void append_planned(std::uint64_t epoch);

  Settings settings_;
  SharedFile::Say say_;
  FieldSet fields_;
  std::string folder_;
  std::optional<RowBuilder> rows_;
  std::string header_;
  std::string pending_;                        ///< rows on their way into the attachment
  std::unique_ptr<state::Attachment> coming_;  ///< of the epoch that is under way
  std::uint64_t epoch_ = 0;                    ///< the last that ended

  // Of that one; the thread's while it runs.
  AppendPlan plan_;
  std::unique_ptr<state::Attachment> planned_;    ///< its rows, unless another run wrote them
  std::unique_ptr<state::Attachment> done_with_;  ///< those of the epoch before it
  state::Descriptor out_{-1};
  state::Descriptor done_;  ///< an eventfd: the thread has come to its end
  std::atomic<bool> stop_ = false;
  std::future<void> appending_;
};

}  // namespace weir::csv_append
