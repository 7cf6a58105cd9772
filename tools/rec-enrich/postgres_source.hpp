// A table of PostgreSQL as the source of a lookup.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer_cache.hpp"
#include "db/connection.hpp"
#include "record/field_as.hpp"
#include "source.hpp"
#include "time/back_off.hpp"

namespace weir::rec_enrich {

/// The server, and what is kept of its answers.
struct ServerSettings {
  db::Target target;
  std::optional<Duration> retry_for;
  std::uint64_t cache = 100'000;      ///< answers
  std::optional<Duration> cache_for;  ///< of event time
};

/// Asks for the rows of many keys at once, and keeps the answers. A server that is away is waited for.
class PostgresSource : public Source {
 public:
  /// Most keys in a query.
  static constexpr std::size_t batch = 500;

  /// `table` is NAME or SCHEMA.NAME; `keys` and `take` are its columns.
  PostgresSource(std::string table, std::vector<std::string> keys, std::vector<FieldAs> take,
                 const ServerSettings& settings);

  const std::string& name() const override { return table_; }
  const std::vector<std::string>& names() const override { return names_; }
  std::size_t opening(std::size_t member) const override { return openings_[member].size(); }
  Outcome find(const Question& question, Found& found) override;
  void start(Log& log) override { log_ = &log; }
  bool move_on() override;
  void waits_for(std::vector<pollfd>& own, WaitLimit& limit) const override;

 private:
  using clock = std::chrono::steady_clock;
  using Entries = std::vector<AnswerCache::Entry*>;

  void connect();
  void look_at_columns();
  void send();
  void lose(const std::string& reason);
  bool receive();
  void take_rows(const db::Rows& rows);
  bool refuse(const db::ServerError::Report& report);
  std::string query_of(const Entries& entries) const;

  std::string table_;
  std::vector<std::string> keys_;
  std::vector<FieldAs> take_;
  std::vector<std::string> names_, openings_;
  ServerSettings settings_;
  AnswerCache cache_;
  db::Connection connection_;
  Log* log_ = nullptr;
  std::vector<std::string> types_;  ///< of the keys, once they are known
  std::string quoted_;              ///< the table, as SQL

  std::vector<Entries> questions_;  ///< batches to be sent, the last one not full yet
  Entries sent_;                    ///< under way
  std::optional<db::ServerError::Report> refusal_;  ///< of what is under way
  std::optional<clock::time_point> due_;   ///< of the next attempt to connect
  std::optional<clock::time_point> away_;  ///< since when the server is
  bool reached_ = false;
  bool several_reported_ = false;
  BackOff pauses_;
};

}  // namespace weir::rec_enrich
