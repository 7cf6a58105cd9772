// Appends records to a CSV file.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/sink.hpp"
#include "row_builder.hpp"
#include "shared_file.hpp"
#include "time/time_types.hpp"

namespace weir::csv_append {

/// When rows are forced to the disk.
enum class Fsync : std::uint8_t { each, interval, none };

struct AppendSettings {
  std::string path;
  csv::Format format;
  std::vector<std::string> columns;  ///< empty: the file's own, or the first record's fields
  Fsync fsync = Fsync::interval;
  Duration fsync_every = std::chrono::seconds(1);
};

/// The rows of a block of input are written at once, and what there is as soon as input pauses.
class CsvAppend : public Sink {
 public:
  CsvAppend(AppendSettings settings, SharedFile::Say say);

  const FieldSet& fields() const override { return fields_; }
  /// Throws std::runtime_error when the file has other columns than were asked for.
  void start(RejectLog& rejects) override;
  Verdict on_record(const Record& record) override;
  void on_pause(bool paused) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;

 private:
  using clock = std::chrono::steady_clock;

  bool begin(const std::vector<std::string>& columns);
  void write_pending();
  void sync_if_due();

  AppendSettings settings_;
  FieldSet fields_;
  SharedFile file_;
  std::optional<RowBuilder> rows_;
  std::string header_;
  std::string pending_;
  std::optional<clock::time_point> unsynced_since_;
};

}  // namespace weir::csv_append
