#include "db/target.hpp"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>

#include "net/host.hpp"

namespace weir::db {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConnectionOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

std::string value_of(const ConnectionOptions& options, std::string_view keyword) {
  if (options == nullptr) return {};
  for (const PQconninfoOption* each = options.get(); each->keyword != nullptr; ++each)
    if (each->keyword == keyword && each->val != nullptr) return each->val;
  return {};
}

ConnectionOptions parse(const std::string& dsn, std::string& problem) {
  char* message = nullptr;
  ConnectionOptions options(PQconninfoParse(dsn.c_str(), &message));
  if (message != nullptr) {
    problem = message;
    PQfreemem(message);
    while (!problem.empty() && problem.back() == '\n') problem.pop_back();
  }
  return options;
}

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

std::optional<std::string> dsn_problem(const std::string& dsn) {
  std::string problem;
  const ConnectionOptions options = parse(dsn, problem);
  if (options == nullptr) {
    // libpq repeats the string in its message.
    if (dsn.find("pass") != std::string::npos || dsn.find('@') != std::string::npos)
      return "not a connection string that libpq understands";
    return problem;
  }
  if (!value_of(options, "password").empty() || !value_of(options, "sslpassword").empty())
    return "holds a password, and others can read a command line: use PGPASSWORD, a password file (PGPASSFILE) or a "
           "service file";
  return std::nullopt;
}

std::vector<std::string> environment_variables() {
  std::vector<std::string> names{"PGSERVICEFILE", "PGSYSCONFDIR"};
  const ConnectionOptions options(PQconndefaults());
  if (options == nullptr) return names;
  for (const PQconninfoOption* each = options.get(); each->keyword != nullptr; ++each)
    if (each->envvar != nullptr) names.emplace_back(each->envvar);
  return names;
}

bool is_local(std::string_view hosts) {
  for (;;) {
    const auto comma = hosts.find(',');
    const std::string_view host = hosts.substr(0, comma);
    const bool local = host.empty() || host.front() == '/' || host.front() == '@' || net::is_this_machine(host);
    if (!local) return false;
    if (comma == std::string_view::npos) return true;
    hosts.remove_prefix(comma + 1);
  }
}

bool settle_protection(const Target& target) {
  std::string problem;
  const ConnectionOptions given = target.dsn.empty() ? nullptr : parse(target.dsn, problem);
  std::string service = target.service;
  if (service.empty()) service = value_of(given, "service");
  // The service file's values are among the defaults only when the environment names the service.
  if (!service.empty()) ::setenv("PGSERVICE", service.c_str(), 1);
  const ConnectionOptions defaults(PQconndefaults());
  const auto effective = [&](std::string_view keyword) {
    std::string value = value_of(given, keyword);
    return value.empty() ? value_of(defaults, keyword) : value;
  };
  // Both count: the connection goes to hostaddr, and the certificate must have the name in host.
  const std::string address = effective("hostaddr");
  const bool local = is_local(address.empty() ? effective("host") : address);
  if (local || is_set("PGSSLMODE")) return false;
  ::setenv("PGSSLMODE", "verify-full", 1);
  return true;
}

std::vector<std::pair<std::string, std::string>> connection_parameters(const Target& target,
                                                                       const std::string& application) {
  // A server that vanishes is noticed within a minute and a half, unless the connection string sets other limits.
  std::vector<std::pair<std::string, std::string>> parameters{{"fallback_application_name", application},
                                                              {"client_encoding", "UTF8"},
                                                              {"keepalives_idle", "30"},
                                                              {"keepalives_interval", "15"},
                                                              {"keepalives_count", "4"},
                                                              {"tcp_user_timeout", "90000"}};
  // libpq expands only the first dbname; the values in it replace those that came before.
  if (!target.dsn.empty()) parameters.emplace_back("dbname", target.dsn);
  if (!target.service.empty()) parameters.emplace_back("service", target.service);
  parameters.emplace_back("client_encoding", "UTF8");
  parameters.insert(parameters.end(), target.more.begin(), target.more.end());
  return parameters;
}

}  // namespace weir::db
