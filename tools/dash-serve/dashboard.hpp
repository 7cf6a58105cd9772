// The dashboard: records in, HTTP answers out.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access.hpp"
#include "board.hpp"
#include "metrics/exposition.hpp"
#include "net/http_server/server.hpp"
#include "record/field_watch.hpp"
#include "record/log.hpp"
#include "sliders.hpp"
#include "subscriptions.hpp"
#include "time/timestamp.hpp"

namespace weir::dash_serve {

/// The settings that the page receives.
struct PageSettings {
  std::string title = "weir";
  std::vector<std::string> fields;           ///< shown first, in this order; empty: derived from the records
  std::map<std::string, std::string> units;  ///< units of fields; others are guessed from their names
  Duration stale = std::chrono::minutes(15);
  std::size_t show = 50;  ///< points that a chart shows at first
  std::string map_base;   ///< GeoJSON that is drawn beneath the points of the map; empty: none
};

/// Keeps records, answers requests, and feeds the clients of the stream. take() and the other calls about input come
/// from the input's thread, all others from the server's.
class Dashboard {
 public:
  struct Settings {
    Board::Settings board{};
    PageSettings page{};
    web::Settings server{};
    Access::Settings access{};
    Subscriptions::Settings subscriptions{};
    Sliders::Settings sliders{};
    Duration max_silence{};        ///< zero: no limit; otherwise /healthz reports an input that is silent for longer
    std::string source = "stdin";  ///< the input's name in the metrics
  };
  /// Starts to listen. Throws std::runtime_error when it cannot.
  Dashboard(Settings settings, Log& log);
  ~Dashboard();
  Dashboard(const Dashboard&) = delete;
  Dashboard& operator=(const Dashboard&) = delete;

  const FieldSet& fields() const { return board_.fields(); }
  std::vector<NamedField> named_fields() const;
  std::vector<RecordMessage>& messages() { return board_.messages(); }
  CountReport counts() const {
    CountReport report;
    report.add(board_.not_numbers(), "value", "where a number is expected, shown without a chart");
    if (const Locations* locations = board_.locations()) {
      report.add(locations->wrong_count(), "record", "with wrong coordinates, not on the map");
      report.add(locations->missing_count(), "record", "without coordinates, not on the map");
    }
    return report;
  }
  FutureGuard& guard() { return board_.guard(); }
  Verdict take(const Record& record);
  /// The input has paused, or a block of it has been taken.
  void pause();
  /// A line that is not a record.
  void count_rejected() { ++rejected_; }
  /// The input has ended; clients get a line about it.
  void end_of_input();

  /// Closes all connections and returns.
  void stop();

  std::uint16_t port() const { return server_->port(); }
  std::string url() const;

 private:
  web::Answer handle(const web::Request& request);
  web::Answer route(const web::Request& request);
  web::Response snapshot();
  web::Response latest(const web::Request& request);
  web::Response history(const web::Request& request);
  web::Response map();
  std::string map_settings() const;
  web::Response health();
  web::Response metrics(std::string_view accept);
  std::string latest_lines();
  std::optional<Time> time_of(const Record& record, const std::vector<FieldId>& fields);
  std::string greeting(std::uint64_t records) const;

  Settings settings_;
  const std::string instance_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex mutex_;  ///< guards the members up to `rejected_`
  Board board_;
  TimeParser times_;
  std::chrono::steady_clock::time_point last_record_ = started_;
  std::uint64_t seen_at_pause_ = 0;
  bool ended_ = false;
  metrics::Histogram store_time_;
  std::atomic<std::uint64_t> rejected_{0};

  // Members of the server's thread alone.
  metrics::Histogram send_time_;
  Access access_;
  Subscriptions subscriptions_;
  Sliders sliders_;
  std::unique_ptr<web::Server> server_;  ///< the last member: its thread uses all others
};

}  // namespace weir::dash_serve
