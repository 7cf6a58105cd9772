// The sink of pg-load: records become rows, rows batches, batches transactions.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "columns.hpp"
#include "loader.hpp"
#include "pipeline/sink.hpp"
#include "record/parser.hpp"
#include "table.hpp"
#include "table_name.hpp"

namespace weir::pg_load {

/// Loads records into PostgreSQL.
class PgLoad : public Sink {
 public:
  struct Settings {
    TableTemplate table;
    Loader::Settings loader;
    bool create = false;
    ExtraFields extra = ExtraFields::reject;
    TableGuess::Types types;  ///< of columns that are made
    std::string time_field;
    std::uint64_t batch = 10'000;  ///< records a transaction
    std::uint64_t batch_bytes = 16 << 20;
    std::uint64_t max_tables = 1'000;
    Duration flush_every = std::chrono::seconds(1);
    bool say_total = false;  ///< the number of rows, at the end
  };

  PgLoad(Settings settings, TimeParser times, LoaderWords words);

  const FieldSet& fields() const override { return fields_; }
  void be_patient(Patience& patience) override;
  void open_state(const std::string& folder) override;
  void start(RejectLog& rejects) override;
  Verdict on_record(const Record& record) override;
  void on_pause(bool paused) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string summary() const override;

  /// With checkpoints a batch is an epoch.
  std::optional<std::uint64_t> take_over(const RunName& name) override;
  void snapshot(SnapshotWriter&) override {}  // all that counts is in the database
  void restore(SnapshotReader&) override {}
  bool commit(std::uint64_t epoch) override;

 private:
  using clock = std::chrono::steady_clock;

  /// A table of the run and what is held for it.
  struct Entry {
    Entry(TableName name, const Settings& settings)
        : table(std::move(name), settings.loader.keys), guess(settings.time_field, settings.types) {}
    enum class State : std::uint8_t {
      there,
      to_create,  ///< not there: records are held until there are enough to tell the types
      absent      ///< not there, and not to be made
    };
    Table table;
    TableGuess guess;
    State state = State::there;
    std::size_t part = 0;          ///< its part of the batch being filled
    std::uint64_t part_batch = 0;  ///< the batch that `part` is of
    std::string held;              ///< lines of records
    std::vector<Row> held_rows;
  };

  Verdict entry_of(const Record& record, Entry*& entry);
  Entry& add_entry(const TableName& name);
  Verdict take(Entry& entry, const Record& record);
  Verdict hold(Entry& entry, const Record& record);
  Verdict append(Entry& entry, const Record& record);
  Part& part_of(Entry& entry);
  void note_row();
  void create_held();
  void dispatch();

  Settings settings_;
  TimeParser times_;
  Loader loader_;
  FieldSet fields_;
  RejectLog* rejects_ = nullptr;
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
  Entry* fixed_ = nullptr;
  TableName name_;  ///< the current record's table
  std::string name_key_;
  std::vector<const Member*> missing_;
  Batch batch_;  ///< being filled
  std::uint64_t batch_number_ = 1;
  std::size_t held_ = 0;  ///< records held for tables that are to be created
  std::size_t held_bytes_ = 0;
  std::size_t pumped_at_ = 0;
  bool epochs_ = false;
  std::uint64_t begun_epoch_ = 0;
  clock::time_point oldest_{};  ///< when the first record of the batch came
};

}  // namespace weir::pg_load
