#include "probes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/connection.hpp"
#include "net/http/client.hpp"
#include "net/redis/connection.hpp"
#include "net/smtp/client.hpp"
#include "time/duration.hpp"

namespace weir::pipe_health {
namespace {

/// What to do about a problem, by text that the libraries and servers use; the first that fits.
std::string_view advice(std::string_view problem, const Target& target) {
  const auto has = [&](std::string_view text) {
    return std::search(problem.begin(), problem.end(), text.begin(), text.end(),
                       [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; }) != problem.end();
  };
  if (has("is the server running")) return {};  // PostgreSQL's library asks that itself
  if (has("resolve") || has("name or service") || has("unknown host") || has("translate host"))
    return "is the host's name right?";
  if (has("certificate") || has("ssl") || has("tls") || has("handshake"))
    return "see --cafile, and whether it speaks TLS";
  if (has("noauth") || has("wrongpass") || has("password") || has("authenti") || has("not authori") || has("login"))
    return "see the user of the URL, and the password in the variable";
  if (has("refused") || has("cannot connect") || has("couldn't connect") || has("could not connect"))
    return "is the server running, and is this its port?";
  if (target.kind == Kind::http) return "what answers there?";
  return {};
}

template <typename Stop>
Stop stop_at(const Deadline& deadline) {
  Stop stop;
  stop.descriptors.push_back({deadline.descriptor(), POLLIN, 0});
  stop.check = [&deadline] { deadline.check(); };
  return stop;
}

Probe redis_probe(const Target& target, const Access& access) {
  redis::Settings settings;
  settings.host = target.host;
  settings.port = target.port;
  if (!target.user.empty()) settings.user = target.user;
  settings.password = access.password;
  if (!target.path.empty()) {
    if (target.path.find_first_not_of("0123456789") != std::string::npos || target.path.size() > 6)
      throw std::invalid_argument(fmt::format("--check {}: the database is a number: redis://HOST/0", target.name));
    settings.database = std::stoull(target.path);
  }
  if (target.security == Security::tls)
    settings.tls = redis::Tls{access.ca_file, access.cert_file, access.key_file, access.verify == Verify::certificate};
  return [settings](const Deadline& deadline) {
    redis::Connection connection(settings);
    connection.set_stop(stop_at<redis::StopRequest>(deadline));
    connection.open();
    connection.call({"PING"});
    return Result{.healthy = true};
  };
}

/// How far the pipeline's rows in weir_epoch are: up to the least of their watermarks all are final.
Result ask_for_shards(db::Connection& connection, const std::string& pipe, std::optional<Duration> max_lag) {
  Result result;
  if (!connection.query("SELECT to_regclass('weir_epoch')").at(0).at(0)) {
    result.problem = "there is no table weir_epoch: has pg-load --state run here?";
    return result;
  }
  const db::Rows rows = connection.query(
      "SELECT pipe, epoch, to_char(watermark AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), "
      "extract(epoch FROM now() - watermark) FROM weir_epoch WHERE pipe = $1 OR starts_with(pipe, $1 || '.') ORDER BY "
      "watermark NULLS FIRST",
      {pipe});
  if (rows.empty()) {
    result.problem = fmt::format("weir_epoch has no row of the pipeline '{}'", pipe);
    return result;
  }
  const auto& slowest = rows.front();
  const std::string name = slowest.at(0).value_or("");
  std::uint64_t number = 0;
  if (name.size() > pipe.size()) std::from_chars(name.data() + pipe.size() + 1, name.data() + name.size(), number);
  if (number > 0) {
    result.shards = rows.size();
    result.slowest = number;
  }
  result.epoch = std::stoull(slowest.at(1).value_or("0"));
  if (slowest.at(2)) {
    result.final_until = *slowest[2];
    result.lag_s = std::max(0.0, std::stod(slowest.at(3).value_or("0")));
  }
  result.healthy = !max_lag || (result.lag_s && *result.lag_s <= std::chrono::duration<double>(*max_lag).count());
  if (!result.healthy)
    result.problem = result.lag_s ? fmt::format(
                                        "{} is final up to {}, {:.0f} s ago, more than {}: does it run, and has its "
                                        "part of the topic records?",
                                        name, result.final_until, *result.lag_s, format_duration(*max_lag))
                                  : name + " has no watermark: does its source write them (kafka-sub --watermark)?";
  return result;
}

Probe postgres_probe(const Target& target, const Access& access) {
  if (const auto problem = db::dsn_problem(target.url))
    throw std::invalid_argument(fmt::format("--check {}: {}", target.name, *problem));
  db::Target to{target.url, {}};
  const auto add = [&to](const char* parameter, const std::string& value) {
    if (!value.empty()) to.more.emplace_back(parameter, value);
  };
  add("password", access.password.value_or(""));
  add("sslrootcert", access.ca_file);
  add("sslcert", access.cert_file);
  add("sslkey", access.key_file);
  // libpq itself would fall back to plain text.
  const bool encrypts = !db::is_local(target.host) || !access.ca_file.empty();
  if (encrypts && target.url.find("sslmode=") == std::string::npos && access.verify == Verify::certificate)
    add("sslmode", "verify-full");
  const std::optional<Duration> max_lag = target.max_lag ? target.max_lag : access.max_lag;
  return [to, max_lag, pipe = target.pipe](const Deadline& deadline) {
    db::Connection connection(to, "pipe-health", [](const std::string&) {});
    connection.set_stop(stop_at<db::StopRequest>(deadline));
    connection.open();
    if (!pipe.empty()) return ask_for_shards(connection, pipe, max_lag);
    connection.query("select 1");
    return Result{.healthy = true};
  };
}

http::Response fetch(const http::ClientOptions& options, const std::string& url, const Deadline& deadline) {
  http::Client client(options);
  client.start(1, {.url = url, .timeout = deadline.left()});
  std::vector<http::Client::Finished> done;
  while (done.empty()) {
    client.perform(done);
    if (done.empty()) client.wait({}, std::chrono::milliseconds(100));
  }
  if (done.front().response.failure == http::Failure::timeout) {
    deadline.check();
    throw TimeIsUp("no answer within the time (--timeout)");
  }
  return std::move(done.front().response);
}

Probe http_probe(const Target& target, const Access& access) {
  http::ClientOptions options;
  options.ca_file = access.ca_file;
  options.cert_file = access.cert_file;
  options.key_file = access.key_file;
  const bool influx = target.kind == Kind::influx;
  const std::string url = !influx ? target.url
                                  : fmt::format("{}://{}:{}/ping", target.security == Security::tls ? "https" : "http",
                                                target.host, target.port);
  return [options, url, influx](const Deadline& deadline) {
    const http::Response response = fetch(options, url, deadline);
    if (response.failure != http::Failure::none) throw std::runtime_error(response.error);
    // A server that asks who this is, is there.
    if (influx && response.status == 401) return Result{.healthy = true};
    if (response.status / 100 != 2)
      return Result{.healthy = false, .problem = fmt::format("it answers {}", response.status)};
    return Result{.healthy = true};
  };
}

Probe smtp_probe(const Target& target, const Access& access) {
  smtp::Server server;
  server.host = target.host;
  server.port = target.port;
  server.security = target.security == Security::tls  ? smtp::Security::implicit
                    : target.starttls.value_or(false) ? smtp::Security::starttls
                                                      : smtp::Security::none;
  server.user = target.user;
  server.password = access.password.value_or("");
  server.ca_file = access.ca_file;
  return [server](const Deadline& deadline) {
    smtp::Server within = server;
    within.timeout = deadline.limit();
    smtp::Client client(within, [&deadline] { return deadline.is_over(); });
    const smtp::Delivery answer = client.greet();
    deadline.check();
    if (answer.outcome != smtp::Outcome::accepted) throw std::runtime_error(answer.reason);
    return Result{.healthy = true};
  };
}

}  // namespace

Probe make_probe(const Target& target, const Access& access) {
  switch (target.kind) {
    case Kind::mqtt:
    case Kind::kafka:
      return make_broker_probe(target, access);
    case Kind::redis:
      return redis_probe(target, access);
    case Kind::postgres:
      return postgres_probe(target, access);
    case Kind::influx:
    case Kind::http:
      return http_probe(target, access);
    case Kind::smtp:
      return smtp_probe(target, access);
    case Kind::state:
      break;
  }
  return make_state_probe(target, access);
}

Result ask(const Target& target, const Probe& probe, std::chrono::nanoseconds limit) {
  const auto begin = std::chrono::steady_clock::now();
  Result result;
  try {
    const Deadline deadline(limit);
    result = probe(deadline);
  } catch (const std::exception& error) {
    result.healthy = false;
    result.problem = error.what();
  }
  result.took_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (result.healthy) return result;
  std::replace(result.problem.begin(), result.problem.end(), '\n', ' ');
  // The place stands before it already.
  const std::string again = fmt::format("{}:{}: ", target.host, target.port);
  if (result.problem.starts_with(again)) result.problem.erase(0, again.size());
  const std::string_view help = advice(result.problem, target);
  result.problem = fmt::format("{}: {}{}{}", target.place(), result.problem, help.empty() ? "" : ": ", help);
  return result;
}

}  // namespace weir::pipe_health
