// A sink into a SQLite table, as a newcomer would write one: the smallest TransactionSink with a real store.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/transaction_sink.hpp"

namespace weir::sqlite_load {

/// Puts each record's line into the table, as `line`, and refuses lines longer than 1,000 bytes. The epoch stands in
/// `weir_epoch`, in the same database.
class SqliteLoad : public TransactionSink {
 public:
  struct Settings {
    std::string file;
    std::string table = "records";
  };

  /// Throws std::invalid_argument when no file is named, or no table that SQL takes without quotes.
  explicit SqliteLoad(Settings settings);

  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  std::string noted_as() const override { return "row in weir_epoch"; }
  std::uint64_t fence(const PipelineRun& run) override;
  std::uint64_t held_bytes() const override { return held_bytes_; }
  bool commit(std::uint64_t epoch) override;
  bool finish() override;

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Line {
    std::uint64_t number;
    std::string text;
  };

  [[noreturn]] void fail() const;
  void execute(const std::string& statement);
  std::optional<std::string> insert(const std::string& line);
  std::vector<Refusal> insert_held();

  Settings settings_;
  SinkHost* host_ = nullptr;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::vector<Line> held_;
  std::uint64_t held_bytes_ = 0;
};

}  // namespace weir::sqlite_load
