#include "poller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "time/duration.hpp"
#include "time/source_time.hpp"

namespace weir::owm_poll {
namespace {

/// The span of a provider's limit, longer than its minute: calls do not arrive as evenly as they are sent.
constexpr Duration rate_window = std::chrono::seconds(61);

/// A duration for messages: in tenths of a second, rounded up.
std::string rounded(Duration length) {
  return format_duration(std::chrono::ceil<std::chrono::duration<Duration::rep, std::deci>>(length));
}

/// A key that has worked is refused for good in so many rounds in a row, and for this long.
constexpr unsigned refusing_rounds = 3;
constexpr Duration refusing_time = std::chrono::minutes(5);

/// The extra doublings of the pause after a 429: it begins at sixteen times the first pause.
constexpr unsigned too_many_steps = 4;

std::string with_message(int status, std::string_view body) {
  const std::string message = weather::provider_message(body);
  return message.empty() ? fmt::format("status {}", status) : fmt::format("status {}: {}", status, message);
}

unsigned days_for(Duration history) {
  constexpr Duration day = std::chrono::hours(24);
  return static_cast<unsigned>((history + day - Duration(1)) / day);
}

}  // namespace

Poller::Poller(PollSettings settings, const Provider& provider, PlaceCache& cache, std::vector<City> cities, Log& log)
    : settings_(settings),
      provider_(provider),
      cache_(cache),
      log_(log),
      limit_(settings.rate_limit > 0 ? static_cast<unsigned>(settings.rate_limit) : provider.calls_a_minute(),
             rate_window),
      back_off_(settings.retry_wait, settings.retry_wait * 60, settings.seed),
      holding_(settings.history > Duration::zero()) {
  for (City& city : cities) stations_.push_back({.city = std::move(city), .complaint = {}});
  first_pending_ = stations_.size();
}

bool Poller::finished() const {
  return refused_ || (!settings_.every && next_round_ && queue_.empty() && in_flight_.empty() && ready_.empty());
}

bool Poller::looking_up() const {
  const auto is_lookup = [](const Ask& ask) { return ask.kind == Kind::lookup; };
  return std::ranges::any_of(queue_, is_lookup) ||
         std::ranges::any_of(in_flight_, [&](const auto& each) { return is_lookup(each.second); });
}

void Poller::start_round(Moment now) {
  const bool by_coordinates = provider_.needs_coordinates() || settings_.lookup == Lookup::always;
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    Station& station = stations_[i];
    if (station.busy) continue;
    station.busy = true;
    if (by_coordinates && !station.city.place) station.city.place = cache_.find(provider_.name(), station.city.name);
    if (by_coordinates && !station.city.place) {
      queue_.push_back({.kind = Kind::lookup, .stations = {i}, .not_before = now.steady});
    } else {
      ready_.push_back(i);
    }
  }
}

/// Joins waiting cities into requests of the provider's size, unless look-ups on their first try may soon add more.
void Poller::gather() {
  const auto is_fresh_lookup = [](const Ask& ask) { return ask.kind == Kind::lookup && ask.tries == 0; };
  const bool more_to_come =
      std::ranges::any_of(queue_, is_fresh_lookup) ||
      std::ranges::any_of(in_flight_, [&](const auto& each) { return is_fresh_lookup(each.second); });
  const std::size_t most = std::min<std::size_t>(provider_.places_a_request(), limit_.limit());
  std::size_t from = 0;
  while (ready_.size() - from >= (more_to_come ? most : 1)) {
    const std::size_t count = std::min(most, ready_.size() - from);
    const auto begin = ready_.begin() + static_cast<std::ptrdiff_t>(from);
    queue_.push_back({.kind = Kind::weather, .stations = {begin, begin + static_cast<std::ptrdiff_t>(count)}});
    from += count;
  }
  ready_.erase(ready_.begin(), ready_.begin() + static_cast<std::ptrdiff_t>(from));
}

void Poller::give_up_what_waits_too_long(Moment now) {
  if (settings_.every || all_wait_until_ - now.steady <= settings_.max_wait) return;
  const std::string reason = fmt::format("{} asks to wait {}, longer than --max-wait {}", provider_.name(),
                                         rounded(all_wait_until_ - now.steady), format_duration(settings_.max_wait));
  for (const Ask& ask : std::exchange(queue_, {})) give_up(ask.stations, reason);
  if (!ready_.empty()) give_up(std::exchange(ready_, {}), reason);
}

void Poller::advance(Moment now, std::vector<Call>& calls) {
  if (refused_) return;
  if (!next_round_) {
    start_round(now);
    next_round_ = settings_.every ? next_round(now.wall, *settings_.every) : now.wall;
  } else if (settings_.every) {
    if (now.wall >= *next_round_) {
      start_round(now);
      next_round_ = next_round(now.wall, *settings_.every);
    } else if (*next_round_ - now.wall > *settings_.every) {
      next_round_ = next_round(now.wall, *settings_.every);  // the clock was set back
    }
  }
  give_up_what_waits_too_long(now);
  gather();
  for (auto ask = queue_.begin(); ask != queue_.end() && in_flight_.size() < settings_.connections;) {
    const auto calls_needed = static_cast<unsigned>(ask->stations.size());
    if (std::max(ask->not_before, all_wait_until_) > now.steady) {
      ++ask;
      continue;
    }
    if (const Duration free = limit_.free_at(calls_needed, now.steady); free > now.steady) {
      if (!std::exchange(reported_limit_, true))
        log_.info(fmt::format("the rate limit of {} calls a minute is reached: the next in {}", limit_.limit(),
                              rounded(free - now.steady)));
      break;
    }
    limit_.take(calls_needed, now.steady);
    ask->sent = now.wall;
    calls.push_back({next_id_, request_for(*ask)});
    in_flight_.emplace(next_id_++, std::move(*ask));
    ask = queue_.erase(ask);
  }
}

http::Request Poller::request_for(Ask& ask) const {
  std::string url;
  if (ask.kind == Kind::lookup) {
    url = provider_.lookup_url(stations_[ask.stations.front()].city);
  } else {
    std::vector<City> cities;
    ask.past_days = 0;
    for (const std::size_t i : ask.stations) {
      cities.push_back(stations_[i].city);
      if (!stations_[i].has_history) ask.past_days = days_for(settings_.history);
    }
    url = provider_.weather_url(cities, ask.past_days);
  }
  return {.url = std::move(url), .timeout = settings_.timeout, .max_body = settings_.max_body};
}

std::optional<Duration> Poller::wake(Moment now) {
  if (finished()) return Duration::zero();
  std::optional<Duration> soonest;
  const auto consider = [&](Duration length) {
    length = std::max(length, Duration::zero());
    if (!soonest || length < *soonest) soonest = length;
  };
  if (!next_round_) return Duration::zero();
  if (settings_.every) consider(*next_round_ - now.wall);
  if (in_flight_.size() < settings_.connections) {
    for (const Ask& ask : queue_) {
      const Duration free = limit_.free_at(static_cast<unsigned>(ask.stations.size()), now.steady);
      consider(std::max({ask.not_before, all_wait_until_, free}) - now.steady);
    }
  }
  return soonest;
}

void Poller::answered(std::uint64_t id, const http::Response& response, Moment now) {
  auto found = in_flight_.extract(id);
  if (found.empty() || refused_) return;
  Ask ask = std::move(found.mapped());
  const int status = response.status;
  switch (response.failure) {
    case http::Failure::none:
      break;
    case http::Failure::resolve:
    case http::Failure::connect:
    case http::Failure::timeout:
    case http::Failure::broken:
      return ask_again(std::move(ask), response.error, std::nullopt, false, now);
    default:
      return give_up(ask.stations, response.error);
  }
  if (status == 401) return unauthorized(ask, response.body, now);
  if (status == 408 || status == 429 || status >= 500) {
    std::optional<Duration> asked;
    if (const auto value = response.header("retry-after")) asked = http::parse_retry_after(*value, now.wall);
    // A 429, or a server's Retry-After, concerns every request.
    return ask_again(std::move(ask), with_message(status, response.body), asked, status == 429 || asked, now);
  }
  if (status < 200 || status > 299) {
    if (ask.stations.size() == 1) return give_up(ask.stations, with_message(status, response.body));
    // One bad place fails the whole request, so each place is requested alone.
    for (const std::size_t station : ask.stations) queue_.push_back({.kind = Kind::weather, .stations = {station}});
    return;
  }
  key_works_ = true;
  unauthorized_ = {};
  if (ask.kind == Kind::lookup) return read_lookup(ask, response.body);
  read_weather(ask, response.body, now);
}

void Poller::ask_again(Ask ask, const std::string& why, std::optional<Duration> asked_to_wait, bool all_wait,
                       Moment now) {
  ++ask.tries;
  // A provider that counts too many calls, without Retry-After, blocks for a minute or so.
  const unsigned step = all_wait && !asked_to_wait ? ask.tries + too_many_steps : ask.tries;
  const Duration pause = std::max(asked_to_wait.value_or(Duration::zero()), back_off_.pause(step));
  if (all_wait) all_wait_until_ = std::max(all_wait_until_, now.steady + pause);
  if (ask.tries > settings_.retries)
    return give_up(ask.stations,
                   settings_.retries == 0 ? why : fmt::format("{}; given up after {} tries", why, ask.tries));
  log_.info(fmt::format("{}: {}; trying again in {} ({} of {})", names(ask.stations), why, rounded(pause), ask.tries,
                        settings_.retries));
  ask.not_before = now.steady + pause;
  queue_.push_back(std::move(ask));
}

void Poller::give_up(const std::vector<std::size_t>& stations, const std::string& reason) {
  failures_ += stations.size();
  std::vector<std::size_t> to_report;
  for (const std::size_t i : stations) {
    if (stations_[i].complaint != reason) to_report.push_back(i);
    stations_[i].complaint = reason;
  }
  // A repeated problem of a long run is reported once; the summary has its count.
  if (!to_report.empty()) log_.error(fmt::format("{}: {}", names(to_report), reason));
  for (const std::size_t i : stations) settle(i);
}

/// Takes a 401. Providers now and then refuse a key that works: only when they keep doing so does it end the run.
void Poller::unauthorized(const Ask& ask, const std::string& body, Moment now) {
  if (unauthorized_.rounds == 0) unauthorized_.since = now.steady;
  if (unauthorized_.rounds == 0 || unauthorized_.round != next_round_) ++unauthorized_.rounds;
  unauthorized_.round = next_round_;
  const bool lasts = unauthorized_.rounds >= refusing_rounds && now.steady - unauthorized_.since >= refusing_time;
  if (!settings_.every || !key_works_ || lasts) return refused(weather::provider_message(body));
  give_up(ask.stations, with_message(401, body) + "; the key has worked, and is tried again in the next round");
}

void Poller::refused(std::string_view message) {
  refused_ = true;
  queue_.clear();
  in_flight_.clear();
  ready_.clear();
  release();
  log_.error(fmt::format("{} refuses (status 401{}{}): {}", provider_.name(), message.empty() ? "" : ": ", message,
                         provider_.refusal_advice()));
}

void Poller::read_lookup(const Ask& ask, const std::string& body) {
  const std::size_t station = ask.stations.front();
  City& city = stations_[station].city;
  Coordinates found;
  if (const std::string reason = provider_.read_lookup(city, body, found); !reason.empty())
    return give_up(ask.stations, "looking up its coordinates: " + reason);
  cache_.add(provider_.name(), city.name, found);
  city.place = std::move(found);
  ready_.push_back(station);
}

/// The problem with a reading from the future, or nothing.
std::string Poller::ahead_of_clock(const std::vector<weather::Reading>& readings, Time now) const {
  for (const weather::Reading& reading : readings)
    if (std::string problem = weir::ahead_of_clock(reading.time, now, settings_.max_future); !problem.empty())
      return "its reading of " + problem;
  return {};
}

void Poller::read_weather(const Ask& ask, const std::string& body, Moment now) {
  auto current = provider_.read_current(body, ask.stations.size());
  std::vector<weather::PlaceReply> hours(ask.stations.size());
  if (ask.past_days > 0) hours = provider_.read_hours(body, ask.stations.size());
  for (std::size_t i = 0; i < ask.stations.size(); ++i) {
    Station& station = stations_[ask.stations[i]];
    SentReadings& sent = sent_readings_[station.city.name];
    const std::string& reason = !current[i].ok() ? current[i].reason : hours[i].reason;
    if (!reason.empty()) {
      give_up({ask.stations[i]}, reason);
      continue;
    }
    if (const std::string problem = ahead_of_clock(current[i].readings, now.wall); !problem.empty()) {
      give_up({ask.stations[i]}, problem);
      continue;
    }
    if (!station.has_history) {
      for (const weather::Reading& reading : hours[i].readings)
        if (reading.time <= now.wall && reading.time > now.wall - settings_.history && sent.note(reading.time))
          send(ask.stations[i], reading, reading.time);
      station.has_history = true;
    }
    for (weather::Reading& reading : current[i].readings) {
      const Time own_time = reading.time;
      if (!sent.note(own_time) && settings_.repeats == Repeats::drop) {
        ++repeated_;
        continue;
      }
      if (settings_.stamp == Stamp::poll) reading.time = std::chrono::floor<std::chrono::milliseconds>(ask.sent);
      send(ask.stations[i], reading, own_time);
    }
    if (!station.complaint.empty()) log_.info(fmt::format("{}: answers again", station.city.name));
    station.complaint.clear();
    settle(ask.stations[i]);
  }
}

void Poller::send(std::size_t station, const weather::Reading& reading, Time own_time) {
  ++sent_;
  const std::string& name = stations_[station].city.name;
  std::string line;
  weather::append_reading(line, name, reading, settings_.extras);
  const std::size_t size = line.size();
  held_.push_back({reading.time, std::move(line), {name, own_time, size}});
  if (!holding_) move_held();
}

void Poller::settle(std::size_t i) {
  Station& station = stations_[i];
  station.busy = false;
  if (std::exchange(station.first_done, true)) return;
  if (--first_pending_ == 0) release();
}

void Poller::release() {
  holding_ = false;
  std::ranges::stable_sort(held_, {}, &HeldLine::time);
  move_held();
}

void Poller::move_held() {
  for (HeldLine& each : held_) {
    lines_ += each.line;
    marks_.push_back(std::move(each.mark));
  }
  held_.clear();
}

void Poller::take(std::string& out) {
  out += lines_;
  lines_.clear();
  marks_.clear();
}

void Poller::take(std::string& out, std::vector<Mark>& marks) {
  std::move(marks_.begin(), marks_.end(), std::back_inserter(marks));
  take(out);
}

std::optional<Time> Poller::promise(Time now) const {
  if (first_pending_ > 0) return std::nullopt;
  Time oldest = now;
  if (settings_.stamp == Stamp::poll) {
    for (const auto& [id, ask] : in_flight_) oldest = std::min(oldest, ask.sent);
    return std::chrono::floor<std::chrono::milliseconds>(oldest);
  }
  for (const Station& station : stations_) {
    const auto sent = sent_readings_.find(station.city.name);
    if (station.complaint.empty() && sent != sent_readings_.end() && !sent->second.times().empty())
      oldest = std::min(oldest, *sent->second.times().rbegin());
  }
  return std::max(oldest, now - std::chrono::hours(1));
}

std::string Poller::names(const std::vector<std::size_t>& stations) const {
  std::string all;
  for (const std::size_t i : stations) all += (all.empty() ? "" : ", ") + stations_[i].city.name;
  return all;
}

std::string Poller::summary() const {
  if (!settings_.every) return {};
  return fmt::format("{} readings sent, {} that were sent before, {} requests for a city failed", sent_, repeated_,
                     failures_);
}

}  // namespace weir::owm_poll
