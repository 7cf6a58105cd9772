#include "incident_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/smtp/message.hpp"

namespace weir::alert_notify {
namespace {

/// PagerDuty's limit.
constexpr std::size_t longest_name = 255;
/// Bytes of a form that is remembered.
constexpr std::size_t longest_form = 1024;
constexpr std::size_t hash_digits = 32;
/// The rule of an alert that has none.
constexpr std::string_view no_rule = "alert";

bool is_plain(char c) { return c >= ' ' && c < '\x7f'; }
bool has_slash(std::string_view text) { return text.find('/') != std::string_view::npos; }

/// Whether a name ends as those with a hash do.
bool ends_with_hash(std::string_view name) {
  if (name.size() <= hash_digits || name[name.size() - hash_digits - 1] != '-') return false;
  return name.substr(name.size() - hash_digits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_usable(std::string_view name) {
  return name.size() <= longest_name && std::ranges::all_of(name, is_plain) && !ends_with_hash(name);
}

std::string hashed(std::string_view name, std::string_view identity) {
  std::string readable;
  for (const char c : name.substr(0, 100)) readable += is_plain(c) ? c : '_';
  return readable + '-' + smtp::fingerprint({identity});
}

}  // namespace

std::string IncidentNames::of_alert(const Alert& alert, std::string_view ids) {
  std::string name(alert.rule.empty() ? no_rule : alert.rule);
  for (const std::string& each : {alert.parameter, alert.key})
    if (!each.empty()) name += '/' + each;
  // A group's name ends with a comma, and an id has no slash.
  const bool is_another = name.ends_with(',') || (name.starts_with(ids) && !has_slash(name));
  const bool has_parts = alert.rule != no_rule && !has_slash(alert.rule) && !has_slash(alert.parameter);
  if (is_usable(name) && !is_another && has_parts && alert.key_is_plain && tells_form(alert)) return name;
  return hashed(name, alert.identity);
}

/// Whether a readable name of the rule stands for alerts of this form: with or without parameter, with these fields.
bool IncidentNames::tells_form(const Alert& alert) {
  if (alert.parameter.empty() && alert.form.empty()) return true;  // the rule alone
  if (alert.form.size() > longest_form) return false;
  std::string form = (alert.parameter.empty() ? "-" : "p") + alert.form;
  const auto known = forms_.find(alert.rule);
  if (known != forms_.end()) return known->second == form;
  if (forms_.size() >= most_) return false;
  forms_.emplace(alert.rule, std::move(form));
  return true;
}

std::string IncidentNames::of_group(std::string_view key) {
  const std::string_view route = key.substr(0, key.find('\0'));
  const std::string name = fmt::format("{}/{}", route, key.substr(route.size() + 1));
  return is_usable(name) && !has_slash(route) ? name : hashed(name, key);
}

}  // namespace weir::alert_notify
