// What is sent where: channels, routes, texts.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/toml_file.hpp"
#include "template.hpp"
#include "time/zone.hpp"

namespace weir::alert_notify {

enum class Service : std::uint8_t { mail, sms, webhook, slack, pagerduty, alertmanager, mqtt, program };

std::string_view name_of(Service service);

/// A channel as it was written: keys and their values. Makers of channels take what they know; what is left is a
/// mistake.
class ChannelSpec {
 public:
  std::string name;
  Service service{};
  std::string place;  ///< of messages: `--mail`, `routes.toml:17`
  std::map<std::string, std::vector<std::string>> values;

  /// The one value of a key; empty where there is none. Throws ConfigError where there are several.
  std::string text(const std::string& key) const;
  std::vector<std::string> list(const std::string& key) const;
  bool flag(const std::string& key) const;
  std::optional<std::uint64_t> number(const std::string& key) const;
  std::optional<Duration> duration(const std::string& key) const;
  std::optional<double> decimal(const std::string& key) const;
  [[noreturn]] void fail(std::string_view reason) const;
};

/// Throws ConfigError, with the place, where a key is not one of the service's.
void check_keys(const ChannelSpec& spec);

/// A step of an escalation: who else is told when nobody has acknowledged.
struct Escalation {
  Duration after{};
  std::vector<std::string> to;
};

/// Which alerts go where, and how often.
struct Route {
  std::string name;
  std::vector<std::string> levels;  ///< any of them; empty: all
  std::vector<std::string> rules;
  std::string match;                                     ///< a condition over the record; empty: all
  std::vector<unsigned> days;                            ///< 0 is Sunday; empty: all
  std::optional<std::pair<Duration, Duration>> between;  ///< of the day; the end may be before the begin
  std::vector<std::string> to;                           ///< names of channels
  std::vector<std::string> group;
  Duration wait{};  ///< from the first alert of a group to its notification
  std::optional<Duration> remind;
  std::optional<Duration> cooldown;
  bool resolved = true;
  bool goes_on = false;  ///< later routes are tried too
  std::vector<Escalation> escalate;
  std::string place;
};

/// Alerts for which `target` is true are not told while one fires for which `source` is, with the same values in the
/// fields `equal`.
struct InhibitRule {
  std::string source, target;  ///< conditions over the record
  std::vector<std::string> equal;
};

struct Config {
  std::vector<ChannelSpec> channels;
  std::vector<Route> routes;
  std::vector<InhibitRule> inhibits;
  std::map<std::string, Texts> texts;
  std::string zone = "UTC";
};

/// Reads a file of channels, routes and texts (TOML); `path` is for messages. Throws ConfigError with the line.
Config read_config(const std::string& path, std::string_view text);

/// Reads a channel of the command line: `KEY=VALUE,…`, or first a value alone: an address, a URL, a topic. Levels and
/// the name are taken out of it. Throws ConfigError.
ChannelSpec read_spec(Service service, std::string_view text, std::size_t number);

/// `22:00-06:00`; throws std::invalid_argument.
std::pair<Duration, Duration> parse_between(std::string_view text);

/// `mon`, `tue` …; throws std::invalid_argument.
unsigned parse_day(std::string_view text);

/// Makes a channel of each recipient of a mail or SMS, and lets routes name them all by the one name.
void split_recipients(Config& config);

/// Checks routes and channels together: names, conditions. Throws ConfigError.
void check_config(const Config& config);

}  // namespace weir::alert_notify
