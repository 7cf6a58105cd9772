// The sink of pg-load: records become rows, rows batches, batches transactions.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog.hpp"
#include "columns.hpp"
#include "growth.hpp"
#include "hypertable.hpp"
#include "loader.hpp"
#include "pipeline/batch_sink.hpp"
#include "server_session.hpp"
#include "table.hpp"
#include "table_name.hpp"

namespace weir::pg_load {

/// Loads records into PostgreSQL. Without checkpoints a batch is a transaction, with them an epoch is.
class PgLoad : public BatchTransactionSink<Batch, Loader> {
 public:
  struct Settings {
    std::string table;  ///< a TableTemplate
    bool create = false;
    std::vector<std::string> types;  ///< of columns that are made, FIELD=TYPE
    bool add_columns = false;
    bool ignore_extra = false;
    UpsertKeys upsert;
    HypertableSettings hypertable;
    bool round = false;             ///< numbers that a column does not hold exactly, in place of a reject
    std::size_t max_columns = 500;  ///< of a table that gets columns
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

  std::vector<NamedField> named_fields() const override;
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_watermark(Time time) override { batch_.watermark = time; }
  bool ready() override { return true; }  // on_record() waits where a batch is full
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  std::string summary() const override;

  std::string noted_as() const override { return "row in weir_epoch"; }
  std::uint64_t fence(const PipelineRun& run) override;
  std::optional<Rebuild> rebuild() override;
  std::string instead_of_rebuild() const override {
    return "--upsert by the window's start and its key lets rows come again; without it, remove the pipeline's rows "
           "and its row in weir_epoch, and start over";
  }
  CountReport counts() const override;
  std::uint64_t held_bytes() const override { return batch_.bytes; }

 private:
  using clock = std::chrono::steady_clock;

  /// The way to the server.
  struct Server {
    Server(const Settings& settings, SinkHost& host)
        : session(settings.server, host.log()),
          epoch_row(session),
          hypertables(settings.hypertable, settings.time_field, settings.upsert.keys),
          catalog(session, settings.upsert.keys, hypertables),
          loader(session, epoch_row, host, settings.upsert.keys.empty() ? TrustId::if_not_restarted : TrustId::always) {
    }
    ServerSession session;
    EpochRow epoch_row;
    Hypertables hypertables;
    Catalog catalog;
    Loader loader;
  };

  bool was_final(const Record& record);
  Verdict entry_of(const Record& record, Entry*& entry);
  Entry& add_entry(const TableName& name);
  std::optional<std::string> look_up(Entry& entry);
  Verdict append(Entry& entry, const Record& record);
  Verdict append_row(Entry& entry, const Record& record);
  Verdict place(Entry& entry, const Record& record);
  Part& part_of(Entry& entry);
  void make_tables();
  Loader& loader() override { return server_->loader; }
  bool is_full() const override { return batch_.rows >= settings_.batch || batch_.bytes >= settings_.batch_bytes; }
  void dispatch() override;

  Settings settings_;
  TableTemplate table_;
  std::map<std::string, std::string, std::less<>> types_;
  Conversion conversion_;
  ExtraFields extra_ = ExtraFields::reject;
  FieldId window_start_ = fields_.add("window_start");
  std::uint64_t were_final_ = 0;  ///< rows left out after a rebuild
  std::optional<Server> server_;
  std::optional<Growth> growth_;
  std::unordered_map<std::string, std::unique_ptr<Entry>> entries_;
  Entry* fixed_ = nullptr;
  std::vector<Entry*> to_make_;  ///< tables
  TableName name_;               ///< the current record's table
  std::string name_key_;
  std::vector<const Member*> missing_;
  std::uint64_t batch_number_ = 1;
  clock::time_point oldest_{};  ///< when the first record of the batch came
};

}  // namespace weir::pg_load
