// Reading the file of channels, routes and texts.
#include <fmt/format.h>

#include "config.hpp"
#include "config/toml_file.hpp"
#include "expr/expression.hpp"
#include "record/number.hpp"

namespace weir::alert_notify {
namespace {

/// Reads one file; every error has its line.
class ChannelsFile {
 public:
  ChannelsFile(const std::string& path, std::string_view text) : file_(path, text) {}

  Config read() {
    file_.expect_keys(file_.root(), {"tz", "channel", "route", "inhibit", "template"}, "the file");
    if (const toml::node* zone = file_.root().get("tz")) config_.zone = zone_of(*zone);
    file_.each_entry("channel", [&](const std::string& name, const toml::node& node) { read_channel(name, node); });
    file_.each_table("route", [&](const toml::table& table) { read_route(table); });
    file_.each_table("inhibit", [&](const toml::table& table) { read_inhibit(table); });
    file_.each_entry("template", [&](const std::string& level, const toml::node& node) { read_texts(level, node); });
    return std::move(config_);
  }

 private:
  std::string zone_of(const toml::node& node) const {
    std::string name = file_.string_of(node, "tz");
    if (!Zone::find(name)) file_.fail(node, fmt::format("there is no time zone '{}'", name));
    return name;
  }

  /// A value of a channel as text.
  std::string scalar_of(const toml::node& node, std::string_view key) const {
    std::string digits;
    if (const auto* integer = node.as_integer())
      append_number(digits, integer->get());
    else if (const auto* number = node.as_floating_point())
      append_number(digits, number->get());
    else if (const auto* flag = node.as_boolean())
      digits = flag->get() ? "true" : "false";
    else
      digits = file_.string_of(node, key);
    return digits;
  }

  void read_channel(std::string name, const toml::node& node) {
    const toml::table& table = file_.table_of(node, "channel");
    ChannelSpec spec;
    spec.name = std::move(name);
    spec.place = file_.place_of(node);
    const toml::node* const type = table.get("type");
    if (type == nullptr) file_.fail(node, fmt::format("channel {} has no type", spec.name));
    spec.service = service_of(*type);
    for (const auto& [key, value] : table) {
      if (key.str() == "type") continue;
      if (key.str() == "level") file_.fail(value, "levels are a route's: [[route]] level = …");
      std::vector<std::string>& values = spec.values[std::string(key.str())];
      if (const toml::array* list = value.as_array()) {
        for (const toml::node& each : *list) values.push_back(scalar_of(each, key.str()));
      } else {
        values.push_back(scalar_of(value, key.str()));
      }
    }
    config_.channels.push_back(std::move(spec));
  }

  Service service_of(const toml::node& node) const {
    const std::string given = file_.string_of(node, "type");
    std::string all;
    for (const Service each : {Service::mail, Service::sms, Service::webhook, Service::slack, Service::pagerduty,
                               Service::alertmanager, Service::mqtt, Service::program}) {
      if (name_of(each) == given) return each;
      all += fmt::format("{}{}", all.empty() ? "" : ", ", name_of(each));
    }
    file_.fail(node, fmt::format("no service is called `{}`; there are {}", given, all));
  }

  void read_route(const toml::table& table) {
    file_.expect_keys(table,
                      {"name", "level", "rule", "match", "days", "between", "to", "group", "wait", "remind", "cooldown",
                       "resolved", "continue", "escalate"},
                      "a route");
    Route route;
    route.place = file_.place_of(table);
    route.name = fmt::format("route {}", config_.routes.size() + 1);
    if (const toml::node* node = table.get("name")) route.name = file_.string_of(*node, "name");
    if (const toml::node* node = table.get("level")) route.levels = file_.strings_of(*node, "level");
    if (const toml::node* node = table.get("rule")) route.rules = file_.strings_of(*node, "rule");
    if (const toml::node* node = table.get("match")) route.match = file_.string_of(*node, "match");
    if (const toml::node* node = table.get("days"))
      for (const std::string& day : file_.strings_of(*node, "days"))
        route.days.push_back(file_.at(*node, [&] { return parse_day(day); }));
    if (const toml::node* node = table.get("between"))
      route.between = file_.at(*node, [&] { return parse_between(file_.string_of(*node, "between")); });
    if (const toml::node* node = table.get("to")) route.to = channels_of(*node);
    if (const toml::node* node = table.get("group")) route.group = file_.strings_of(*node, "group");
    if (const toml::node* node = table.get("wait")) route.wait = file_.duration_of(*node, "wait");
    if (const toml::node* node = table.get("remind")) route.remind = positive_of(*node, "remind");
    if (const toml::node* node = table.get("cooldown")) route.cooldown = positive_of(*node, "cooldown");
    if (const toml::node* node = table.get("resolved")) route.resolved = file_.bool_of(*node, "resolved");
    if (const toml::node* node = table.get("continue")) route.goes_on = file_.bool_of(*node, "continue");
    if (const toml::node* node = table.get("escalate")) read_steps(*node, route);
    if (route.to.empty()) file_.fail(table, "the route tells nobody: name its channels, to = …");
    config_.routes.push_back(std::move(route));
  }

  void read_steps(const toml::node& node, Route& route) {
    const toml::array* const list = node.as_array();
    if (list == nullptr) file_.fail(node, "escalate is a list: [{after = \"15m\", to = \"boss\"}]");
    for (const toml::node& each : *list) {
      const toml::table& step = file_.table_of(each, "a step of escalate");
      file_.expect_keys(step, {"after", "to"}, "a step of escalate");
      const toml::node* const after = step.get("after");
      const toml::node* const to = step.get("to");
      if (after == nullptr || to == nullptr) file_.fail(each, "a step of escalate has after and to");
      route.escalate.push_back({positive_of(*after, "after"), channels_of(*to)});
      const std::size_t steps = route.escalate.size();
      if (steps > 1 && route.escalate[steps - 2].after >= route.escalate[steps - 1].after)
        file_.fail(each, "the steps of escalate come in the order of after");
    }
  }

  void read_inhibit(const toml::table& table) {
    file_.expect_keys(table, {"source", "target", "equal"}, "a rule of inhibit");
    InhibitRule rule;
    const auto condition = [&](std::string_view key, std::string& to) {
      const toml::node* const node = table.get(key);
      if (node == nullptr) file_.fail(table, "a rule of inhibit has the conditions source and target");
      to = file_.string_of(*node, key);
      file_.at(*node, [&] { return expr::Expression::compile_condition(to); });
    };
    condition("source", rule.source);
    condition("target", rule.target);
    if (const toml::node* node = table.get("equal")) {
      rule.equal = file_.strings_of(*node, "equal");
      FieldSet fields;
      for (const std::string& path : rule.equal) file_.at(*node, [&] { return fields.add(path); });
    }
    config_.inhibits.push_back(std::move(rule));
  }

  std::vector<std::string> channels_of(const toml::node& node) const {
    std::vector<std::string> names = file_.strings_of(node, "to");
    if (names.empty()) file_.fail(node, "to is empty: nobody would be told");
    return names;
  }

  Duration positive_of(const toml::node& node, std::string_view key) const {
    const Duration length = file_.duration_of(node, key);
    if (length <= Duration::zero()) file_.fail(node, fmt::format("{} must be longer than nothing", key));
    return length;
  }

  void read_texts(const std::string& level, const toml::node& node) {
    const toml::table& table = file_.table_of(node, "template");
    file_.expect_keys(table, {"subject", "text", "sms"}, "a template");
    Texts& texts = config_.texts[level];
    const auto read = [&](std::string_view key, std::string& to) {
      const toml::node* const given = table.get(key);
      if (given == nullptr) return;
      to = file_.string_of(*given, key);
      FieldSet fields;
      file_.at(*given, [&] { return Template(to, fields); });
    };
    read("subject", texts.subject);
    read("text", texts.text);
    read("sms", texts.brief);
  }

  TomlFile file_;
  Config config_;
};

}  // namespace

Config read_config(const std::string& path, std::string_view text) { return ChannelsFile(path, text).read(); }

}  // namespace weir::alert_notify
