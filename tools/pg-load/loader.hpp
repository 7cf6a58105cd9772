// Batches of rows into PostgreSQL, each in one transaction, through lost connections and refused rows.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "db/connection.hpp"
#include "pipeline/reject_log.hpp"
#include "statements.hpp"
#include "table.hpp"
#include "time/back_off.hpp"
#include "time/time_types.hpp"

namespace weir::pg_load {

/// What a loader tells of its work, called in the middle of it.
struct LoaderWords {
  std::function<void(const std::string&)> info;
  std::function<void(const std::string&)> warn;
};

/// Loads one batch at a time. While a batch is under way the caller may fill the next one: pump() moves it on without
/// waiting.
///
/// A batch is one transaction: BEGIN, its number, COPY (and INSERT … ON CONFLICT) for each table, COMMIT, all in one
/// message. When the connection breaks, the loader connects again, with growing pauses. If the COMMIT was on its way it
/// asks the server what became of the transaction (pg_xact_status) and loads the batch again only when it was not
/// committed. When the server refuses a row, the batch is loaded again in parts between savepoints, still in one
/// transaction, until each bad row stands alone.
///
/// With checkpoints the number of the batch's epoch is set in the table weir_epoch in the same transaction, if the run
/// is still the last one that has taken the pipeline over; only when the server says that it was is the COMMIT sent, so
/// the table tells for sure what became of a COMMIT whose answer was lost.
class Loader {
 public:
  struct Settings {
    db::Target target;
    std::string application = "pg-load";
    std::vector<std::string> keys;  ///< of --upsert
    std::optional<Duration>
        retry_for;  ///< how long the server may be away; nothing: 30 s before the first contact ever, then for ever
  };
  /// A row that the server refused: its record's line and text, and the server's words.
  using Refused = std::function<void(std::uint64_t line, std::string_view raw, const std::string& reason)>;

  Loader(Settings settings, LoaderWords words);

  void set_refused(Refused refused) { refused_ = std::move(refused); }

  /// The rows of an epoch that the server refused, told once all others are in place and before they are committed;
  /// told again when that has to be done again.
  using RefusedOfEpoch = std::function<void(std::span<const RejectLog::Refusal>)>;

  /// From now on every batch is the next epoch of this pipeline's checkpoints. Makes earlier runs of it powerless and
  /// returns the last epoch that was committed; waits for a transaction that is about to commit one.
  std::uint64_t take_over(const std::string& pipe, const std::string& run, RefusedOfEpoch refused);

  /// What ends a wait for the server before its time.
  void set_stop(db::StopRequest stop) { connection_.set_stop(std::move(stop)); }
  /// The server has been reached by an earlier run: it is away, not misspelt, and is waited for without limit.
  void expect_server() { expected_ = true; }

  /// Connects; as every other call, throws std::runtime_error when the server cannot be reached for too long or refuses
  /// for good, db::Stopped when the run was asked to stop and it takes too long.
  void connect();

  /// The columns of a table; nothing when there is none. Waits for the batch under way.
  std::optional<std::vector<Column>> columns_of(const TableName& name);
  /// Makes a table unless it is there, with an index on `time_column` where it is not empty, and a unique one on the
  /// keys.
  void create(const TableName& name, const std::vector<NewColumn>& columns, const std::string& time_column);
  /// Adds a column unless it is there. Returns the server's words when it refuses.
  std::optional<std::string> add_column(const TableName& name, const NewColumn& column);
  /// Throws std::runtime_error when the table has no unique index that --upsert can use.
  void need_unique_keys(const TableName& name);

  bool busy() const { return busy_; }
  /// Starts to load a batch; none may be under way.
  void begin(Batch&& batch);
  /// Moves the batch under way on, without waiting unless something went wrong.
  void pump();
  /// Waits until the batch under way is loaded, its refused rows told.
  void settle();

  /// For poll(2), while busy.
  pollfd descriptor() const { return connection_.descriptor(); }

  std::uint64_t loaded() const { return loaded_; }
  std::uint64_t reconnects() const { return reconnects_; }

 private:
  struct RefusedRow {
    const Part* part;
    std::size_t row;
    std::string reason;
  };
  struct Stage {
    std::string name;
    std::string order;
  };

  /// Bytes of COPY data at a time: small enough for the socket to take at once, large enough to cost few calls.
  static constexpr std::size_t piece_size = 128 * 1024;

  template <typename Work>
  auto with_connection(Work work);
  std::string quoted(const TableName& name) const;
  Destination destination_of(const Part& part) const;
  void make_stages();

  void start();
  std::string closing() const;
  void await_copy();
  bool feed();
  bool collect(bool wait);
  bool see_through(bool wait);
  void drive(bool wait);
  void expect_next_epoch(std::size_t rows);
  void tell_refused();
  bool epoch_was_committed();
  void make_sure(const db::ServerError* refusal, const std::string& lost);
  void judge(const db::ServerError& refusal, bool careful);
  void load_carefully();
  std::optional<db::ServerError> load_rows(const Part& part, const Destination& destination, std::size_t first,
                                           std::size_t last);
  void load_part_carefully(const Part& part);
  bool was_committed();
  bool has_row_of(const std::string& transaction);
  void done();

  Settings settings_;
  LoaderWords words_;
  Refused refused_;
  db::Connection connection_;
  bool reached_ = false;
  bool expected_ = false;
  std::string server_start_;
  BackOff back_off_{std::chrono::milliseconds(50), std::chrono::seconds(10), std::random_device()()};
  unsigned notices_ = 0;

  Batch batch_;
  bool busy_ = false;
  std::vector<Destination> destinations_;
  std::size_t part_ = 0;      ///< the part whose data is being sent
  std::size_t sent_ = 0;      ///< bytes of it
  bool commit_sent_ = false;  ///< nothing more is needed from us for the transaction to be committed
  bool careful_ = false;
  std::string transaction_;         ///< its number, while it is under way
  std::string transaction_server_;  ///< when the server that gave the number was started
  std::optional<db::ServerError::Words> refusal_;
  std::vector<RefusedRow> refused_rows_;
  std::string restore_;        ///< puts a refused span right, before the next statement
  bool under_way_ = false;     ///< the batch has been started on this connection
  std::size_t rows_told_ = 0;  ///< by the last statement of the batch that returns rows

  std::string pipe_;  ///< with checkpoints
  std::string run_;
  RefusedOfEpoch refused_of_epoch_;
  bool refused_told_ = false;

  std::map<std::pair<const Table*, unsigned>, Stage> stages_;  ///< of this connection, by the version of the layout
  unsigned stages_made_ = 0;
  std::uint64_t loaded_ = 0;
  std::uint64_t reconnects_ = 0;
};

}  // namespace weir::pg_load
