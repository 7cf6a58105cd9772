// The logic of owm-poll: when to make which request, and what to do with a reply. Without sockets and clocks.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "city.hpp"
#include "net/http/client.hpp"
#include "net/http/retry.hpp"
#include "pacing.hpp"
#include "place_cache.hpp"
#include "provider.hpp"
#include "record/log.hpp"
#include "sent_file.hpp"
#include "time/back_off.hpp"
#include "weather/reading.hpp"

namespace weir::owm_poll {

/// One instant on two clocks: the steady one for pauses, the calendar's for the schedule and timestamps.
struct Moment {
  Duration steady{};
  Time wall{};
};

/// The source of a record's timestamp: the reading's own time, or the time of the request.
enum class Stamp : std::uint8_t { dt, poll };
/// The treatment of a reading that was sent before.
enum class Repeats : std::uint8_t { drop, send };
/// Whether names are looked up before the weather is requested.
enum class Lookup : std::uint8_t { when_needed, always };

struct PollSettings {
  std::optional<Duration> every{};  ///< empty: one round
  Duration history{};               ///< how much of the past to request first
  unsigned retries = 4;
  Duration retry_wait = std::chrono::seconds(1);  ///< the first pause; it doubles up to sixty times this
  Duration max_wait = std::chrono::minutes(10);   ///< with one round: the longest Retry-After to wait for
  std::chrono::milliseconds timeout{15'000};      ///< limit of one request
  std::size_t max_body = 4 << 20;
  std::uint64_t rate_limit = 0;   ///< calls a minute; 0: the provider's own limit
  std::uint64_t connections = 8;  ///< most requests at a time
  Lookup lookup = Lookup::when_needed;
  Stamp stamp = Stamp::dt;
  std::optional<Duration> max_future{};  ///< how far a reading may be ahead of the clock
  Repeats repeats = Repeats::drop;
  weather::Extras extras = weather::Extras::leave_out;
  std::uint64_t seed = 0;  ///< of the random jitter
};

/// Requests the weather of many cities in rounds. A city whose last request is still open (it is retried, or waits for
/// the rate limit) skips a round. So rounds never pile up, and a failure affects one city only.
class Poller {
 public:
  struct Call {
    std::uint64_t id;
    http::Request request;
  };

  /// `provider`, `cache` and `log` must outlive it.
  Poller(PollSettings settings, const Provider& provider, PlaceCache& cache, std::vector<City> cities, Log& log);

  /// Takes the readings that earlier runs have sent, before the first advance(). Cities of other runs are kept too.
  void remember(SentByCity sent) { sent_readings_ = std::move(sent); }
  /// The readings sent by this run and by earlier ones.
  const SentByCity& sent() const { return sent_readings_; }

  /// Starts what is due: appends calls, each of which must be answered().
  void advance(Moment now, std::vector<Call>& calls);

  /// Takes the answer to a call.
  void answered(std::uint64_t id, const http::Response& response, Moment now);

  /// The time until advance() may have work to do; nothing when an answer must come first.
  std::optional<Duration> wake(Moment now);

  /// The position of a finished line.
  struct Mark {
    std::string city;
    Time reading;      ///< the reading's own time
    std::size_t size;  ///< of the line, with its newline
  };

  /// Moves the finished records to the end of `out`.
  void take(std::string& out);
  /// As above, with a mark for each.
  void take(std::string& out, std::vector<Mark>& marks);

  /// The watermark: no later record is older. With the time of the request, it is that of the oldest open request.
  /// Otherwise it is the oldest of the cities' last readings, but at least an hour ago, so that a silent station does
  /// not hold up the others. Nothing before the first round is over.
  std::optional<Time> promise(Time now) const;

  /// True when no record will follow.
  bool finished() const;
  /// Whether the provider refused the key, or a city of a single round could not be read.
  bool failed() const { return refused_ || (!settings_.every && failures_ > 0); }
  /// Whether names are being looked up.
  bool looking_up() const;
  std::string summary() const;

 private:
  struct Station {
    City city;
    std::string complaint;  ///< the last problem reported; empty while there is none
    bool busy = false;
    bool has_history = false;
    bool first_done = false;  ///< its first round is over
  };
  enum class Kind : std::uint8_t { lookup, weather };
  struct Ask {
    Kind kind = Kind::weather;
    std::vector<std::size_t> stations;
    unsigned tries = 0;
    Duration not_before{};
    Time sent{};
    unsigned past_days = 0;
  };
  struct HeldLine {
    Time time;
    std::string line;
    Mark mark;
  };

  void start_round(Moment now);
  void gather();
  void give_up_what_waits_too_long(Moment now);
  http::Request request_for(Ask& ask) const;
  void ask_again(Ask ask, const std::string& why, std::optional<Duration> asked_to_wait, bool all_wait, Moment now);
  void give_up(const std::vector<std::size_t>& stations, const std::string& reason);
  void unauthorized(const Ask& ask, const std::string& body, Moment now);
  void refused(std::string_view message);
  void read_lookup(const Ask& ask, const std::string& body);
  std::string ahead_of_clock(const std::vector<weather::Reading>& readings, Time now) const;
  void read_weather(const Ask& ask, const std::string& body, Moment now);
  void send(std::size_t station, const weather::Reading& reading, Time own_time);
  void settle(std::size_t station);
  void release();
  void move_held();
  std::string names(const std::vector<std::size_t>& stations) const;

  PollSettings settings_;
  const Provider& provider_;
  PlaceCache& cache_;
  Log& log_;
  RateLimit limit_;
  BackOff back_off_;
  std::vector<Station> stations_;
  SentByCity sent_readings_;
  std::vector<Ask> queue_;
  std::map<std::uint64_t, Ask> in_flight_;
  std::vector<std::size_t> ready_;  ///< cities with coordinates, waiting for a joint request
  std::vector<HeldLine> held_;      ///< the first round's records, to be sorted by time
  std::string lines_;
  std::vector<Mark> marks_;  ///< sizes of lines_
  std::optional<Time> next_round_;
  Duration all_wait_until_{};
  /// The answers 401 since the last good one.
  struct Unauthorized {
    Duration since{};
    std::optional<Time> round{};  ///< the last round with one
    unsigned rounds = 0;
  };
  Unauthorized unauthorized_;
  bool key_works_ = false;  ///< it has, in this run
  std::uint64_t next_id_ = 1;
  std::size_t first_pending_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t failures_ = 0;
  bool holding_ = false;
  bool refused_ = false;
  bool reported_limit_ = false;
};

}  // namespace weir::owm_poll
