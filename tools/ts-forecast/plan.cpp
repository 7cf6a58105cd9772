#include "plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string_view>

#include "additive.hpp"
#include "seasonal_models.hpp"
#include "time/count_or_duration.hpp"
#include "time/duration.hpp"

namespace weir::ts_forecast {
namespace {

constexpr std::size_t most_ahead = 10'000;
constexpr std::size_t most_season = 100'000;
constexpr std::size_t most_seasons = 6;

std::int64_t floor_mod(std::int64_t value, std::int64_t by) { return (value % by + by) % by; }

/// The seasons of readings so far apart, where none are named.
std::vector<std::size_t> usual_seasons(const Step& step) {
  using std::chrono::hours;
  if (step.kind == Step::Kind::month) return {12};
  if (step.kind == Step::Kind::reading) return {};
  std::vector<std::size_t> found;
  for (const Duration season : {Duration(hours(24)), Duration(hours(168))}) {
    const double steps = static_cast<double>(season.count()) / static_cast<double>(step.length.count());
    if (steps >= 2 && std::fabs(steps - std::round(steps)) < 1e-9)
      found.push_back(static_cast<std::size_t>(std::llround(steps)));
  }
  return found;
}

/// How many waves a season has, as Prophet has them: 4 of a day, 3 of a week, 10 of all others.
std::size_t waves_of(const Step& step, std::size_t season) {
  const double hours = static_cast<double>(step.length.count()) * static_cast<double>(season) / 3.6e12;
  if (step.kind != Step::Kind::even) return 10;
  return hours == 24 ? 4 : hours == 168 ? 3 : 10;
}

}  // namespace

Plan::Plan(const Settings& settings)
    : method(settings.method),
      logs(settings.logs),
      probability(settings.level / 100),
      refit(settings.refit.value_or(std::chrono::hours(24))),
      zone(Zone::named(settings.time.zone)) {
  if (settings.level >= 0.5 && settings.level < 1)
    throw std::invalid_argument(fmt::format("--level is in per cent: {} would mean {} %; write {:.6g}", settings.level,
                                            settings.level, settings.level * 100));
  if (!(settings.level >= 1 && settings.level < 100))
    throw std::invalid_argument(
        fmt::format("--level must be at least 1 and less than 100, not {}: 95 means 95 %", settings.level));
  if (settings.ets != "auto") ets = EtsForm::parse(settings.ets);
  if (settings.arima != "auto") arima = ArimaOrders::parse(settings.arima);
  if (settings.step != "auto") step = Step::parse(settings.step);
  const CountOrDuration ahead = read_count_or_duration("--ahead", settings.ahead, {"steps", 1, most_ahead});
  ahead_steps = ahead.count;
  ahead_length = ahead.length;
  if (!settings.seasons.empty()) seasons.emplace();
  for (const std::string& text : settings.seasons) {
    if (text == "none" && settings.seasons.size() == 1) break;
    Season& season = seasons->emplace_back();
    season.text = text;
    if (const auto count = digits_alone(text)) {
      if (*count < 2 || *count > most_season)
        throw std::invalid_argument(fmt::format("--season {}: a season has 2 to {} steps", text, most_season));
      season.steps = *count;
    } else if (const auto length = parse_duration(text); length && *length > Duration::zero()) {
      season.length = *length;
    } else {
      throw std::invalid_argument("--season: '" + text + "' is neither a duration (24h), a number of steps, nor none");
    }
  }
  if (seasons && seasons->size() > most_seasons)
    throw std::invalid_argument(
        fmt::format("--season: {} seasons are named, and {} are the most", seasons->size(), most_seasons));
  if (settings.min && settings.max && !(*settings.min < *settings.max))
    throw std::invalid_argument(fmt::format("--min {} must be less than --max {}", *settings.min, *settings.max));
  if (settings.every && *settings.every <= Duration::zero()) throw std::invalid_argument("--every must be more than 0");
  if (refit <= Duration::zero()) throw std::invalid_argument("--refit must be more than 0");
  check_effects(settings);
  if (step && step->kind != Step::Kind::reading) {
    seasons_of(*step);
    if (!unused_season_.empty()) throw std::invalid_argument(unused_season_);
  }
  if (settings.backtest && settings.every) throw std::invalid_argument("--backtest and --every do not go together");
  low = settings.min.value_or(low);
  high = settings.max.value_or(high);
  read_holidays(settings.holidays_text);
}

/// Options that change nothing with the others are mistakes.
void Plan::check_effects(const Settings& settings) const {
  const auto refuse = [](const char* text) { throw std::invalid_argument(text); };
  if (ets && method != Method::ets) refuse("--ets goes with --model ets");
  if (arima && method != Method::arima) refuse("--arima goes with --model arima");
  if (settings.refit && !settings.every) refuse("--refit goes with --every");
  if (logs != Logs::automatic && method == Method::seasonal_naive) refuse("--log has no use with seasonal-naive");
  const bool sees_holidays = method == Method::automatic || method == Method::combination ||
                             method == Method::dummies || method == Method::additive;
  if (!settings.holidays.empty() && !sees_holidays)
    refuse("--holidays goes with --model auto, combination, dummies or additive");
}

/// Lines of a date and a name, such as `2026-12-25 Christmas`; `#` begins a comment.
void Plan::read_holidays(const std::string& text) {
  std::map<std::string, std::int32_t, std::less<>> names;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, end - at);
    at = end + 1;
    ++number;
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto time = TimeParser(Zone(), EpochUnit::s).parse(std::string(line.substr(0, 10)) + "T00:00:00Z");
    if (!time || (line.size() > 10 && line[10] != ' '))
      throw std::invalid_argument(
          fmt::format("--holidays: line {}: expected a date and a name, such as 2026-12-25 Christmas, not '{}'", number,
                      line.substr(0, 40)));
    const std::string_view name = line.size() > 11 ? line.substr(11) : "holiday";
    const auto id = names.try_emplace(std::string(name), static_cast<std::int32_t>(names.size())).first->second;
    holidays.push_back({std::chrono::local_days(std::chrono::floor<std::chrono::days>(*time).time_since_epoch()), id});
  }
  holiday_names = names.size();
  std::stable_sort(holidays.begin(), holidays.end(), [](const Holiday& a, const Holiday& b) { return a.day < b.day; });
}

std::optional<std::size_t> Plan::steps_ahead(const Step& of, std::string& reason) const {
  if (ahead_steps) return *ahead_steps;
  if (of.length <= Duration::zero()) return 1;
  const auto steps = static_cast<std::size_t>((ahead_length.count() - 1) / of.length.count() + 1);
  if (steps <= most_ahead) return steps;
  reason = fmt::format("--ahead {} is {} steps of {}: the most are {}; give a shorter time or a longer --step",
                       format_duration(ahead_length), steps, format_duration(of.length), most_ahead);
  return std::nullopt;
}

std::vector<std::size_t> Plan::seasons_of(const Step& of) {
  if (!seasons) return usual_seasons(of);
  std::vector<std::size_t> found;
  for (const Season& season : *seasons) {
    double steps = static_cast<double>(season.steps);
    if (season.steps == 0 && of.length > Duration::zero())
      steps = std::round(static_cast<double>(season.length.count()) / static_cast<double>(of.length.count()));
    if (steps >= 2 && steps <= most_season)
      found.push_back(static_cast<std::size_t>(steps));
    else if (unused_season_.empty() && of.length > Duration::zero())
      unused_season_ = fmt::format("--season: {} has {} steps of {}", season.text,
                                   steps < 2 ? "fewer than 2" : fmt::format("more than {}", most_season),
                                   of.kind == Step::Kind::month ? "a month" : format_duration(of.length));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::vector<std::size_t> Plan::usable(const std::vector<std::size_t>& seasons, std::size_t size, std::size_t ahead) {
  std::vector<std::size_t> found;
  const std::size_t held = std::min(ahead, size / 4);
  for (const std::size_t season : seasons)
    if (2 * season + held <= size) found.push_back(season);
  return found;
}

Calendar Plan::calendar(const Grid& grid, const Step& of, std::vector<std::size_t> in_steps, std::size_t ahead) const {
  Calendar calendar;
  calendar.seasons = std::move(in_steps);
  const std::size_t past = grid.values.size();
  const std::size_t all = past + ahead;
  const bool even = of.kind == Step::Kind::even;
  // Where clocks change, slots follow the clock; the wall-clock time is needed for holidays too.
  std::vector<LocalTime> local;
  if ((even && !zone.is_utc()) || !holidays.empty())
    for (std::size_t t = 0; t < all; ++t)
      local.push_back(
          zone.to_local(grid.at(of, zone, static_cast<std::int64_t>(t) - static_cast<std::int64_t>(past) + 1)));
  for (const std::size_t season : calendar.seasons) {
    Cycle& cycle = calendar.cycles.emplace_back();
    cycle.length = season;
    cycle.waves = std::min(waves_of(of, season), (season - 1) / 2);
    const auto length = static_cast<std::int64_t>(season);
    for (std::size_t t = 0; t < all; ++t)
      cycle.slots.push_back(static_cast<std::int32_t>(
          even && !zone.is_utc() ? floor_mod(std::llround(static_cast<double>(local[t].time_since_epoch().count()) /
                                                          static_cast<double>(of.length.count())),
                                             length)
                                 : static_cast<std::int64_t>(t % season)));
  }
  if (holidays.empty()) return calendar;
  // A holiday has slots of its own for the time of the day, shared by all of them.
  const Duration day = std::chrono::hours(24);
  const std::int64_t slots = even && of.length < day ? std::min<std::int64_t>(day / of.length, most_season) : 1;
  Cycle cycle{static_cast<std::size_t>(slots), 0, {}};
  calendar.holidays.assign(all, -1);
  for (std::size_t t = 0; t < all; ++t) {
    const auto date = std::chrono::floor<std::chrono::days>(local[t]);
    const auto found = std::lower_bound(holidays.begin(), holidays.end(), date,
                                        [](const Holiday& a, std::chrono::local_days b) { return a.day < b; });
    const bool is = found != holidays.end() && found->day == date;
    const std::int64_t slot = std::min(slots - 1, (local[t] - date).count() / (day.count() / slots));
    cycle.slots.push_back(is ? static_cast<std::int32_t>(slot) : -1);
    if (is) calendar.holidays[t] = found->name;
  }
  calendar.holiday_names = holiday_names;
  calendar.cycles.push_back(std::move(cycle));
  return calendar;
}

const char* Plan::model_name() const {
  switch (method) {
    case Method::seasonal_naive:
      return "seasonal-naive";
    case Method::dummies:
      return "dummies";
    case Method::ets:
      return "ets";
    case Method::arima:
      return "arima";
    case Method::theta:
      return "theta";
    case Method::additive:
      return "additive";
    case Method::automatic:
    case Method::combination:
      break;
  }
  return "combination";
}

std::unique_ptr<Model> Plan::with_logs(std::unique_ptr<Model> model, Usually usually) const {
  const bool wanted = logs == Logs::automatic ? usually == Usually::logarithms : logs == Logs::on;
  if (!wanted) return model;
  return std::make_unique<Logarithmic>(std::move(model));
}

Models Plan::make_models(std::size_t seasons_count) const {
  Models models;
  switch (method) {
    case Method::seasonal_naive:
      models.push_back(std::make_unique<SeasonalNaive>(0));
      break;
    case Method::dummies:
      models.push_back(with_logs(std::make_unique<Dummies>(), Usually::logarithms));
      break;
    case Method::ets:
      models.push_back(with_logs(std::make_unique<Ets>(ets), Usually::values));
      break;
    case Method::arima:
      models.push_back(with_logs(std::make_unique<Arima>(arima), Usually::values));
      break;
    case Method::theta:
      models.push_back(with_logs(std::make_unique<Theta>(), Usually::values));
      break;
    case Method::additive:
      models.push_back(with_logs(std::make_unique<Additive>(), Usually::values));
      break;
    case Method::automatic:
    case Method::combination:
      for (std::size_t i = 0; i < std::max<std::size_t>(1, seasons_count); ++i)
        models.push_back(std::make_unique<SeasonalNaive>(i));
      if (logs != Logs::on) {
        models.push_back(std::make_unique<Dummies>());
        models.push_back(std::make_unique<Differences>());
      }
      if (logs != Logs::off) {
        models.push_back(std::make_unique<Logarithmic>(std::make_unique<Dummies>()));
        models.push_back(std::make_unique<Logarithmic>(std::make_unique<Differences>()));
      }
      break;
  }
  return models;
}

const Forecaster& Plan::forecaster(std::size_t seasons_count) {
  if (forecasters_.size() <= seasons_count) forecasters_.resize(seasons_count + 1);
  if (!forecasters_[seasons_count])
    forecasters_[seasons_count] = std::make_unique<Forecaster>(make_models(seasons_count));
  return *forecasters_[seasons_count];
}

}  // namespace weir::ts_forecast
