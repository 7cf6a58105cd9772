// influx-query as a receiver: asks the server, and stores the rows of its answers.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/influx/access.hpp"
#include "net/influx/attempts.hpp"
#include "pipeline/spooled_source.hpp"
#include "query_text.hpp"
#include "row_writer.hpp"
#include "seen_rows.hpp"

namespace weir::influx_query {

/// How answers are written.
enum class Answers : std::uint8_t { influxql_chunks, annotated_csv, json_lines };

struct Settings {
  std::function<http::Request(const Span&)> request;  ///< without what `access` adds
  Answers answers = Answers::influxql_chunks;
  influx::Access access;
  std::chrono::milliseconds timeout{60'000};  ///< the longest time in which nothing comes
  std::optional<Duration> retry_for;
  Duration since{};                ///< before now
  std::optional<Time> since_time;  ///< instead of it
  std::optional<Time> until;
  std::optional<Duration> every;  ///< new rows are asked for so often
  SeenRows::Settings seen;
  std::size_t max_line = 1 << 20;
  std::function<Time()> now;
};

/// Asks once, or with `every` again and again. A stored line is `r`, the row's id in hexadecimal and its record, or
/// `x`, a reason, a tab and a row that cannot be used.
class QueryReceiver : public Receiver {
 public:
  explicit QueryReceiver(Settings settings);

  void start(SourceHost& host, Inbox& inbox) override;
  void stored(std::string_view line) override;
  bool receive(std::uint64_t most) override;
  bool acknowledges() const override { return false; }
  void acknowledge() override {}
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override;
  bool finished() const override { return finished_; }
  void state(StateArchive& archive) override { archive.values(begin_, seen_); }
  std::optional<Time> promise(Time) const override { return settings_.every ? seen_.from() : std::nullopt; }
  std::string summary() const override;

 private:
  using clock = std::chrono::steady_clock;
  std::unique_ptr<AnswerReader> make_reader();
  void ask();
  bool is_due() const { return clock::now() >= due_ && attempts_->may_begin(); }
  void read_some(std::uint64_t most);
  void conclude(const http::Response& response);
  void fail(const std::string& reason, const http::Response& response);
  void take(const Row& row);
  void store(std::uint64_t id, std::string_view line);
  void refuse(std::string_view reason, std::string_view line);

  Settings settings_;
  SourceHost* host_ = nullptr;
  Inbox* inbox_ = nullptr;
  http::Client client_;
  std::optional<influx::Attempts> attempts_;
  std::optional<Time> begin_;  ///< of the first query, in all runs
  SeenRows seen_;
  clock::time_point due_{};
  std::unique_ptr<AnswerReader> reader_;    ///< while an answer is under way
  std::string bytes_;                       ///< of the answer, not read yet
  std::size_t read_ = 0;                    ///< so many of them are
  std::optional<http::Response> response_;  ///< its end has come
  std::vector<http::Client::Finished> done_;
  std::uint64_t added_ = 0;
  std::uint64_t not_finite_ = 0;
  std::string error_;  ///< ends the run once the rows before it are written
  bool finished_ = false;
  std::string line_;
};

}  // namespace weir::influx_query
