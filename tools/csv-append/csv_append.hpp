// The sink of csv-append: appends records to a CSV file.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/outbox_sink.hpp"
#include "row_builder.hpp"
#include "row_outbox.hpp"
#include "shared_file.hpp"
#include "time/time_types.hpp"

namespace weir::csv_append {

/// When rows are forced to the disk, without checkpoints.
enum class Fsync : std::uint8_t { each, interval, none };

/// Without checkpoints the file may have other writers: the rows of a block of input are written at once, and what is
/// there as soon as input pauses. With checkpoints the file is this stage's alone, and each epoch's rows come into it
/// once.
class CsvAppend : public OutboxSink {
 public:
  struct Settings {
    std::string path;                    ///< `-` is standard output
    std::string delimiter = ",";         ///< one character, or `tab`
    std::vector<std::string> columns{};  ///< empty: the file's own, or the first record's fields
    ExtraFields extra = ExtraFields::rejected;
    std::uint64_t max_columns = 500;  ///< most that records may add up to
    Fsync fsync = Fsync::interval;
    Duration fsync_every = std::chrono::seconds(1);
    std::size_t max_row = 1 << 20;  ///< bytes
  };

  /// Throws std::invalid_argument, naming the option.
  explicit CsvAppend(Settings settings);

  std::vector<NamedField> named_fields() const override;
  /// Throws std::runtime_error when the file has other columns than were asked for.
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;

  /// To append again what stands in the file changes nothing.
  Repeat repeat() const override { return Repeat::harmless; }
  std::uint32_t schema() const override { return 3; }
  std::uint64_t held_bytes() const override { return pending_.size(); }
  void seal() override;
  void state(StateArchive& archive) override;
  bool carry_out(std::uint64_t epoch) override { return outbox_->carry_out(epoch); }

 private:
  using clock = std::chrono::steady_clock;

  void settle_columns(const std::vector<std::string>& wanted);
  Verdict append_wider(const Record& record);
  std::string widen(std::vector<std::string> columns);
  void set_columns(std::vector<std::string> columns);
  void write_pending();
  void sync_if_due();

  Settings settings_;
  csv::Format format_;
  Log* log_ = nullptr;
  std::optional<SharedFile> file_;
  std::optional<RowOutbox> outbox_;        ///< with checkpoints
  std::optional<RowOutbox::Wider> wider_;  ///< columns that came in the epoch under way
  std::optional<RowBuilder> rows_;         ///< once the columns are settled
  std::string header_;
  std::string pending_;
  std::optional<clock::time_point> unsynced_since_;
};

}  // namespace weir::csv_append
