#include "config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "expr/expression.hpp"
#include "time/duration.hpp"

namespace weir::alert_notify {
namespace {

struct Known {
  Service service;
  std::string_view name;
  std::string_view main;  ///< the key of a value alone
  std::vector<std::string_view> keys;
};

const std::vector<Known>& services() {
  static const std::vector<std::string_view> common{"name", "level", "rate", "burst", "timeout"};
  static const std::vector<Known> known = [] {
    std::vector<Known> all{
        {Service::mail,
         "mail",
         "to",
         {"to", "from", "host", "port", "user", "password_file", "tls", "starttls", "cafile", "insecure"}},
        {Service::sms,
         "sms",
         "to",
         {"to", "from", "messaging_service", "account", "token_file", "url", "cafile", "insecure"}},
        {Service::webhook,
         "webhook",
         "url",
         {"url", "url_file", "format", "token_file", "user", "password_file", "cafile", "cert", "key", "insecure"}},
        {Service::slack, "slack", "url_file", {"url_file", "cafile", "insecure"}},
        {Service::pagerduty, "pagerduty", "key_file", {"key_file", "url", "source", "cafile", "insecure"}},
        {Service::alertmanager, "alertmanager", "url", {"url", "user", "password_file", "cafile", "insecure"}},
        {Service::mqtt,
         "mqtt",
         "topic",
         {"topic", "host", "port", "qos", "retain", "client_id", "user", "password_file", "tls", "cafile", "cert",
          "key", "insecure"}},
        {Service::program, "program", "command", {"command"}},
    };
    for (Known& each : all) each.keys.insert(each.keys.end(), common.begin(), common.end());
    return all;
  }();
  return known;
}

const Known& known_of(Service service) {
  return *std::find_if(services().begin(), services().end(),
                       [&](const Known& each) { return each.service == service; });
}

bool is_key(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-'; });
}

}  // namespace

std::string_view name_of(Service service) { return known_of(service).name; }

void ChannelSpec::fail(std::string_view reason) const { throw ConfigError(fmt::format("{}: {}", place, reason)); }

std::string ChannelSpec::text(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end()) return {};
  if (found->second.size() != 1) fail(fmt::format("{} is given more than once", key));
  return found->second.front();
}

std::vector<std::string> ChannelSpec::list(const std::string& key) const {
  const auto found = values.find(key);
  return found == values.end() ? std::vector<std::string>() : found->second;
}

bool ChannelSpec::flag(const std::string& key) const {
  const std::string given = text(key);
  if (!given.empty() && given != "true" && given != "false") fail(fmt::format("{} is true or false", key));
  return given == "true";
}

std::optional<std::uint64_t> ChannelSpec::number(const std::string& key) const {
  const std::string given = text(key);
  if (given.empty()) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (problem != std::errc() || end != given.data() + given.size()) fail(fmt::format("{} is not a whole number", key));
  return value;
}

std::optional<double> ChannelSpec::decimal(const std::string& key) const {
  const std::string given = text(key);
  if (given.empty()) return std::nullopt;
  double value = 0;
  const auto [end, problem] = std::from_chars(given.data(), given.data() + given.size(), value);
  if (problem != std::errc() || end != given.data() + given.size() || !(value > 0) || value > 1e6)
    fail(fmt::format("{} is not a number above 0", key));
  return value;
}

std::optional<Duration> ChannelSpec::duration(const std::string& key) const {
  const std::string given = text(key);
  if (given.empty()) return std::nullopt;
  const auto length = parse_duration(given);
  if (!length || *length <= Duration::zero()) fail(fmt::format("{} is a duration with its unit, such as 10s", key));
  return length;
}

void check_keys(const ChannelSpec& spec) {
  const Known& known = known_of(spec.service);
  for (const auto& [key, value] : spec.values) {
    if (std::find(known.keys.begin(), known.keys.end(), key) != known.keys.end()) continue;
    std::string names;
    for (const std::string_view each : known.keys) names += fmt::format("{}{}", names.empty() ? "" : ", ", each);
    spec.fail(fmt::format("unknown key `{}` of {}; there are {}", key, known.name, names));
  }
}

ChannelSpec read_spec(Service service, std::string_view text, std::size_t number) {
  const Known& known = known_of(service);
  ChannelSpec spec;
  spec.service = service;
  spec.place = fmt::format("--{}", known.name);
  spec.name = number == 1 ? std::string(known.name) : fmt::format("{}-{}", known.name, number);
  if (service == Service::program) {  // a command has commas and signs of its own
    spec.values["command"] = {std::string(text)};
    return spec;
  }
  for (bool first = true; !text.empty(); first = false) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t sign = word.find('=');
    if (sign != std::string_view::npos && is_key(word.substr(0, sign))) {
      std::string key(word.substr(0, sign));
      std::replace(key.begin(), key.end(), '-', '_');
      if (key == "name")
        spec.name = word.substr(sign + 1);
      else
        spec.values[key].emplace_back(word.substr(sign + 1));
    } else if (first) {
      if (!word.empty()) spec.values[std::string(known.main)].emplace_back(word);
    } else if (is_key(word)) {
      std::string key(word);
      std::replace(key.begin(), key.end(), '-', '_');
      spec.values[key].emplace_back("true");
    } else {
      spec.fail(fmt::format("'{}' is not KEY=VALUE", word));
    }
  }
  return spec;
}

std::pair<Duration, Duration> parse_between(std::string_view text) {
  const auto time_of = [](std::string_view part) -> std::optional<Duration> {
    if (part.size() != 5 || part[2] != ':') return std::nullopt;
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{4}})
      if (part[at] < '0' || part[at] > '9') return std::nullopt;
    const int hour = (part[0] - '0') * 10 + part[1] - '0';
    const int minute = (part[3] - '0') * 10 + part[4] - '0';
    if (hour > 24 || minute > 59 || (hour == 24 && minute > 0)) return std::nullopt;
    return std::chrono::hours(hour) + std::chrono::minutes(minute);
  };
  const std::size_t dash = text.find('-');
  const auto begin = time_of(text.substr(0, dash));
  const auto end = dash == std::string_view::npos ? std::nullopt : time_of(text.substr(dash + 1));
  if (!begin || !end) throw std::invalid_argument("expected times of the day, such as \"22:00-06:00\"");
  if (*begin == *end || *begin - *end == std::chrono::hours(24))
    throw std::invalid_argument("no time lies between the two; a whole day is \"00:00-24:00\"");
  return {*begin, *end};
}

unsigned parse_day(std::string_view text) {
  constexpr std::array<std::string_view, 7> days{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const auto found = std::find(days.begin(), days.end(), text);
  if (found == days.end()) throw std::invalid_argument("a day is mon, tue, wed, thu, fri, sat or sun");
  return static_cast<unsigned>(found - days.begin());
}

void split_recipients(Config& config) {
  std::vector<ChannelSpec> channels;
  std::map<std::string, std::vector<std::string>> names;
  for (const ChannelSpec& each : config.channels) {
    const std::vector<std::string> to = each.list("to");
    const bool splits = (each.service == Service::mail || each.service == Service::sms) && to.size() > 1;
    for (std::size_t i = 0; i < (splits ? to.size() : 1); ++i) {
      ChannelSpec one = each;
      if (splits) one.values["to"] = {to[i]};
      if (i > 0) one.name += fmt::format("/{}", i + 1);
      names[each.name].push_back(one.name);
      channels.push_back(std::move(one));
    }
  }
  config.channels = std::move(channels);
  const auto expand = [&](std::vector<std::string>& to) {
    std::vector<std::string> all;
    for (const std::string& each : to) {
      const auto found = names.find(each);
      if (found == names.end())
        all.push_back(each);
      else
        all.insert(all.end(), found->second.begin(), found->second.end());
    }
    to = std::move(all);
  };
  for (Route& route : config.routes) {
    expand(route.to);
    for (Escalation& step : route.escalate) expand(step.to);
  }
}

void check_config(const Config& config) {
  std::set<std::string> names;
  for (const ChannelSpec& each : config.channels) {
    check_keys(each);
    if (each.name.empty()) each.fail("the name of the channel is empty");
    if (!names.insert(each.name).second)
      each.fail(fmt::format("a second channel `{}`: give one a name of its own", each.name));
  }
  std::set<std::string> routes;
  for (const Route& route : config.routes) {
    const auto fail = [&](std::string_view reason) { throw ConfigError(fmt::format("{}: {}", route.place, reason)); };
    if (!routes.insert(route.name).second) fail(fmt::format("a second route `{}`", route.name));
    const auto check_names = [&](const std::vector<std::string>& to) {
      for (const std::string& each : to) {
        if (names.contains(each)) continue;
        std::string all;
        for (const std::string& name : names) all += fmt::format("{}{}", all.empty() ? "" : ", ", name);
        fail(fmt::format("no channel is called `{}`; there are {}", each, all.empty() ? "none" : all));
      }
    };
    check_names(route.to);
    for (const Escalation& step : route.escalate) check_names(step.to);
    FieldSet fields;
    try {
      if (!route.match.empty()) expr::Expression::compile_condition(route.match).bind(fields);
      for (const std::string& path : route.group) fields.add(path);
    } catch (const std::exception& problem) {
      fail(problem.what());
    }
  }
  try {
    const TemplateSet texts(config.texts);
  } catch (const std::invalid_argument& problem) {
    throw ConfigError(fmt::format("a template: {}", problem.what()));
  }
}

}  // namespace weir::alert_notify
