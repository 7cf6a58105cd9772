// The sink of pg-load: records become rows, rows batches, batches transactions.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog.hpp"
#include "columns.hpp"
#include "loader.hpp"
#include "pipeline/transaction_sink.hpp"
#include "record/parser.hpp"
#include "server_session.hpp"
#include "table.hpp"
#include "table_name.hpp"

namespace weir::pg_load {

/// Loads records into PostgreSQL. Without checkpoints a batch is a transaction, with them an epoch is.
class PgLoad : public TransactionSink {
 public:
  struct Settings {
    std::string table;  ///< a TableTemplate
    bool create = false;
    std::vector<std::string> types;  ///< of columns that are made, FIELD=TYPE
    bool add_columns = false;
    bool ignore_extra = false;
    std::vector<std::string> keys;  ///< of --upsert
    ServerSession::Settings server;
    std::string time_field;
    TimeParser times = TimeParser();
    std::uint64_t batch = 10'000;  ///< records a transaction
    std::uint64_t batch_bytes = 16 << 20;
    std::uint64_t max_tables = 1'000;
    Duration flush_every = std::chrono::seconds(1);
    bool report_total = false;  ///< report the number of rows at the end
  };

  /// Throws std::invalid_argument, naming the option.
  explicit PgLoad(Settings settings);

  const FieldSet& fields() const override { return fields_; }
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string summary() const override;

  std::uint64_t fence(const PipelineRun& run) override;
  std::uint64_t held_bytes() const override { return batch_.bytes + held_bytes_; }
  bool commit(std::uint64_t epoch) override;

 private:
  using clock = std::chrono::steady_clock;
  bool has_epochs() const { return host_->pipeline() != nullptr; }

  /// A table of the run and what is held for it.
  struct Entry {
    Entry(TableName name, const PgLoad& sink)
        : table(std::move(name), sink.settings_.keys), guess(sink.settings_.time_field, sink.types_) {}
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

  /// The way to the server.
  struct Server {
    Server(const Settings& settings, SinkHost& host)
        : session(settings.server, host.log()),
          epoch_row(session),
          catalog(session, settings.keys),
          loader(session, epoch_row, host, settings.keys.empty() ? TrustId::if_not_restarted : TrustId::always) {}
    ServerSession session;
    EpochRow epoch_row;
    Catalog catalog;
    Loader loader;
  };

  Catalog& idle_catalog();
  Verdict entry_of(const Record& record, Entry*& entry);
  Entry& add_entry(const TableName& name);
  Verdict take(Entry& entry, const Record& record);
  Verdict hold(Entry& entry, const Record& record);
  Verdict append(Entry& entry, const Record& record);
  Verdict add_missing_columns(Entry& entry);
  Part& part_of(Entry& entry);
  void note_row();
  void create_held();
  void dispatch();

  Settings settings_;
  TableTemplate table_;
  TableGuess::Types types_;
  ExtraFields extra_ = ExtraFields::reject;
  FieldSet fields_;
  SinkHost* host_ = nullptr;
  std::optional<Server> server_;
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
  bool keeps_lines_ = true;        ///< the records' lines are needed for the rejects
  std::uint64_t begun_epoch_ = 0;  ///< the last one whose commit has begun
  clock::time_point oldest_{};     ///< when the first record of the batch came
};

}  // namespace weir::pg_load
