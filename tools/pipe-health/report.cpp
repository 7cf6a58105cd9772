#include "report.hpp"

#include <algorithm>
#include <cmath>

#include "metrics/exposition.hpp"
#include "record/object_writer.hpp"
#include "stage_figures.hpp"

namespace weir::pipe_health {
namespace {

using clock = std::chrono::system_clock;

Time to_time(clock::time_point at) { return std::chrono::floor<Duration>(at); }

/// Three decimals are enough to read.
double rounded(double value) { return std::round(value * 1000) / 1000; }

std::string_view status_of(const State& state) {
  return !state.result ? "unknown" : state.result->healthy ? "healthy" : "unhealthy";
}

void write_members(ObjectWriter& object, const State& state) {
  object.string("name", state.target.name).string("status", status_of(state)).string("place", state.target.place());
  if (!state.result) return;
  const Result& result = *state.result;
  if (!result.healthy) object.string("problem", result.problem);
  object.number("took_ms", rounded(result.took_s * 1000));
  if (result.epoch) object.integer("epoch", static_cast<std::int64_t>(*result.epoch));
  if (result.shards) object.integer("shards", static_cast<std::int64_t>(*result.shards));
  if (result.slowest) object.integer("slowest", static_cast<std::int64_t>(*result.slowest));
  if (result.age_s) object.number("age_s", rounded(*result.age_s));
  if (result.spooled) object.integer("spooled", static_cast<std::int64_t>(*result.spooled));
  if (result.behind) object.integer("behind", static_cast<std::int64_t>(*result.behind));
  if (result.lag_s) object.number("lag_s", rounded(*result.lag_s));
  if (!result.final_until.empty()) object.string("final_until", result.final_until);
  if (result.round_trip_s) object.number("round_trip_s", std::round(*result.round_trip_s * 1e6) / 1e6);
}

}  // namespace

void append_line(std::string& out, const State& state) {
  ObjectWriter object(out);
  write_members(object, state);
  object.end();
}

bool are_healthy(const std::vector<State>& states) {
  return std::all_of(states.begin(), states.end(),
                     [](const State& each) { return each.result && each.result->healthy; });
}

std::string health_page(const std::vector<State>& states, clock::time_point now) {
  std::string out;
  ObjectWriter object(out);
  object.string("status", are_healthy(states) ? "healthy" : "unhealthy").time("timestamp", to_time(now));
  object.begin_object("checks");
  for (const State& each : states) {
    object.begin_object(each.target.name);
    write_members(object, each);
    if (each.result) {
      object.time("checked", to_time(each.at)).time("since", to_time(each.since));
      object.integer("runs", static_cast<std::int64_t>(each.runs));
      object.integer("failures", static_cast<std::int64_t>(each.failures));
    }
    object.end_object();
  }
  object.end_object().end();
  return out;
}

std::optional<std::vector<State>> chosen(const std::vector<State>& states, std::string_view names) {
  std::vector<State> found;
  do {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    const auto at =
        std::find_if(states.begin(), states.end(), [&](const State& each) { return each.target.name == name; });
    if (at == states.end()) return std::nullopt;
    found.push_back(*at);
  } while (!names.empty());
  return found;
}

std::string names_of(const std::vector<State>& states) {
  std::string names;
  for (const State& each : states) names.append(names.empty() ? "" : ", ").append(each.target.name);
  return names.empty() ? "there is none" : "there are " + names;
}

MetricsPage metrics_page(const std::vector<State>& states, clock::time_point now, std::string_view accept,
                         const std::string& stages) {
  metrics::Exposition page;
  const auto label = [](const State& each) { return metrics::Labels{{"check", each.target.name}}; };
  const auto gauge = [&](const char* name, const char* help, auto value_of) {
    for (const State& each : states)
      if (each.result)
        if (const std::optional<double> value = value_of(each)) page.gauge(name, help, label(each), *value);
  };
  const auto number = [](const auto& value) {
    return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
  };
  gauge("weir_health_up", "Whether the last check found the place healthy",
        [](const State& each) { return std::optional<double>(each.result->healthy ? 1 : 0); });
  gauge("weir_health_took_seconds", "How long the last check took",
        [](const State& each) { return std::optional<double>(each.result->took_s); });
  gauge("weir_health_checked_seconds", "Time since the last check",
        [&](const State& each) { return std::optional<double>(std::chrono::duration<double>(now - each.at).count()); });
  gauge("weir_health_epoch", "The last epoch that the sink has committed",
        [&](const State& each) { return number(each.result->epoch); });
  gauge("weir_health_commit_age_seconds", "Time since the last commit",
        [&](const State& each) { return each.result->age_s; });
  gauge("weir_health_shards", "Shards whose state is here",
        [&](const State& each) { return number(each.result->shards); });
  gauge("weir_health_slowest_shard", "The shard whose last commit is the oldest",
        [&](const State& each) { return number(each.result->slowest); });
  gauge("weir_health_spooled_bytes", "Bytes in spools",
        [&](const State& each) { return number(each.result->spooled); });
  gauge("weir_health_lag_seconds",
        "Age of the first message that the group has not read, or of the time up to which all shards are final",
        [&](const State& each) { return each.result->lag_s; });
  gauge("weir_health_behind_messages", "Messages that the group has not read",
        [&](const State& each) { return number(each.result->behind); });
  gauge("weir_health_canary_seconds", "How long the last canary was on its way",
        [&](const State& each) { return each.result->round_trip_s; });
  for (const State& each : states)
    page.counter("weir_health_checks_total", "Checks made", label(each), static_cast<double>(each.runs));
  for (const State& each : states)
    page.counter("weir_health_failures_total", "Checks that found a problem", label(each),
                 static_cast<double>(each.failures));
  page.process();
  const bool open = metrics::wants_open_metrics(accept);
  MetricsPage made{std::string(open ? metrics::Exposition::open_content_type : metrics::Exposition::content_type),
                   page.text()};
  if (!stages.empty()) made.body += figures_in(stages);
  if (open) made.body = metrics::open_text(made.body);
  return made;
}

}  // namespace weir::pipe_health
