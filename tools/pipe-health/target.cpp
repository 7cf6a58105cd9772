#include "target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "time/duration.hpp"

namespace weir::pipe_health {
namespace {

struct Scheme {
  std::string_view name;
  Kind kind;
  Security security;
  int port;
};

constexpr std::array<Scheme, 15> schemes{{{"mqtt", Kind::mqtt, Security::plain, 1883},
                                          {"mqtts", Kind::mqtt, Security::tls, 8883},
                                          {"kafka", Kind::kafka, Security::plain, 9092},
                                          {"kafkas", Kind::kafka, Security::tls, 9093},
                                          {"redis", Kind::redis, Security::plain, 6379},
                                          {"rediss", Kind::redis, Security::tls, 6379},
                                          {"postgres", Kind::postgres, Security::plain, 5432},
                                          {"postgresql", Kind::postgres, Security::plain, 5432},
                                          {"influx", Kind::influx, Security::plain, 8086},
                                          {"influxs", Kind::influx, Security::tls, 8086},
                                          {"smtp", Kind::smtp, Security::plain, 25},
                                          {"smtps", Kind::smtp, Security::tls, 465},
                                          {"http", Kind::http, Security::plain, 80},
                                          {"https", Kind::http, Security::tls, 443},
                                          {"state", Kind::state, Security::plain, 0}}};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

[[noreturn]] void refuse(const Target& target, std::string_view why) {
  throw std::invalid_argument(fmt::format("--check {}: {}", target.name, why));
}

Duration read_duration(const Target& target, std::string_view name, std::string_view text) {
  const auto length = parse_duration(text);
  if (!length || *length <= Duration::zero()) refuse(target, fmt::format("{} is a duration, such as 5m", name));
  return *length;
}

/// One `name=value` after the question mark. Returns false for one that this program does not know.
bool take(Target& target, std::string_view name, std::string_view value) {
  if (name == "max-age" && target.kind == Kind::state) {
    target.max_age = read_duration(target, name, value);
  } else if (name == "max-lag" && (target.kind == Kind::kafka || target.kind == Kind::postgres)) {
    target.max_lag = read_duration(target, name, value);
  } else if (name == "max-behind" && target.kind == Kind::kafka) {
    std::uint64_t most = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), most).ptr != value.data() + value.size())
      refuse(target, "max-behind is a number of messages");
    target.max_behind = most;
  } else if (name == "group" && target.kind == Kind::kafka) {
    target.group = value;
  } else if (name == "sasl" && target.kind == Kind::kafka) {
    if (value != "PLAIN" && value != "SCRAM-SHA-256" && value != "SCRAM-SHA-512")
      refuse(target, "sasl is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512");
    target.sasl = value;
  } else if (name == "pipe" && target.kind == Kind::postgres) {
    target.pipe = value;
  } else if (name == "back" && target.kind == Kind::mqtt) {
    target.back = value;
  } else if (name == "starttls" && target.kind == Kind::smtp && target.security == Security::plain) {
    if (value != "yes" && value != "no") refuse(target, "starttls is yes or no");
    target.starttls = value == "yes";
  } else {
    return false;
  }
  return true;
}

void read_query(Target& target, std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !take(target, pair.substr(0, equals), pair.substr(equals + 1)))
      refuse(target, fmt::format("'{}' is not known here", pair.substr(0, equals)));
  }
}

/// Takes pipe and max-lag out of a database's URL; all other parameters are libpq's.
void read_database_query(Target& target) {
  const auto mark = target.url.find('?');
  if (mark == std::string::npos) return;
  std::string query = target.url.substr(mark + 1);
  target.url.resize(mark);
  char separator = '?';
  for (std::string_view rest = query; !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::string_view name = pair.substr(0, pair.find('='));
    if (name == "pipe" || name == "max-lag") {
      read_query(target, pair);
    } else {
      target.url += separator;
      target.url += pair;
      separator = '&';
    }
  }
}

/// `user@host:port`; a list of brokers stays one text.
void read_authority(Target& target, std::string_view text) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    target.user = text.substr(0, at);
    text.remove_prefix(at + 1);
    if (target.user.find(':') != std::string::npos)
      refuse(target, fmt::format("a password does not belong on a command line: give {}, or the kind's own variable",
                                 target.password_variable()));
  }
  if (target.kind == Kind::kafka) {
    target.host = text;
    return;
  }
  const auto bracket = text.find(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  target.host = text.substr(0, colon);
  if (target.host.starts_with('[') && target.host.ends_with(']'))
    target.host = target.host.substr(1, target.host.size() - 2);
  if (colon == std::string_view::npos) return;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
  if (error != std::errc() || end != port.data() + port.size() || target.port < 1 || target.port > 65535)
    refuse(target, "the port is a number from 1 to 65535");
}

}  // namespace

std::string Target::place() const {
  if (kind == Kind::state) return "state:" + path;
  return url;
}

std::string Target::password_variable() const {
  std::string variable;
  for (const char c : name) variable += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return variable + "_PASSWORD";
}

Target parse_target(const std::string& text) {
  Target target;
  std::string_view rest = text;
  const auto colon = rest.find(':');
  const auto equals = rest.find('=');
  if (equals != std::string_view::npos && equals < colon) {
    target.name = rest.substr(0, equals);
    rest.remove_prefix(equals + 1);
    if (!is_name(target.name))
      throw std::invalid_argument(
          fmt::format("--check: the name '{}' is not of small letters, digits, - and _", target.name));
  }
  const std::string_view scheme = rest.substr(0, rest.find(':'));
  const auto known =
      std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& each) { return each.name == scheme; });
  if (rest.find(':') == std::string_view::npos || known == schemes.end())
    throw std::invalid_argument(
        "--check: expected NAME=URL, with mqtt:// kafka:// redis:// postgres:// influx:// smtp:// http:// (mqtts:// "
        "and "
        "so on with TLS) or state:DIR");
  if (target.name.empty()) target.name = scheme;
  target.kind = known->kind;
  target.security = known->security;
  target.url = rest;
  rest.remove_prefix(scheme.size() + 1);
  if (target.kind == Kind::state) {
    const auto mark = rest.find('?');
    target.path = rest.substr(0, mark);
    if (mark != std::string_view::npos) read_query(target, rest.substr(mark + 1));
    if (target.path.empty()) refuse(target, "the state folder is missing: state:DIR");
    return target;
  }
  if (!rest.starts_with("//")) refuse(target, fmt::format("expected {}://HOST", scheme));
  rest.remove_prefix(2);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  read_authority(target, authority);
  if (target.host.empty() && target.kind != Kind::postgres) refuse(target, "the host is missing");
  const bool own_query = target.kind != Kind::postgres && target.kind != Kind::http;
  const auto mark = rest.find('?');
  if (own_query && mark != std::string_view::npos) {
    read_query(target, rest.substr(mark + 1));
    target.url.resize(target.url.find('?'));
  }
  if (target.kind == Kind::postgres) read_database_query(target);
  rest = rest.substr(0, mark);
  target.path = rest.substr(std::min<std::size_t>(rest.size(), 1));
  if (target.port == 0) target.port = known->port;
  if (target.kind == Kind::smtp && !target.starttls) target.starttls = target.port == 587;
  if (!target.group.empty() && target.path.empty())
    refuse(target, "a group goes with a topic: kafka://HOST:9092/TOPIC?group=GROUP");
  if (!target.back.empty() && target.path.empty())
    refuse(target, "back= goes with a topic: mqtt://HOST/TOPIC?back=TOPIC");
  if ((target.max_lag || target.max_behind) && target.group.empty() && target.pipe.empty())
    refuse(target, target.kind == Kind::postgres ? "max-lag goes with pipe=" : "max-lag and max-behind go with group=");
  return target;
}

}  // namespace weir::pipe_health
