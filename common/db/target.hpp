// Which server to connect to: libpq's variables, a connection string and a service file.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::db {

/// What names a server. Empty parts are left to libpq, which reads PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD,
/// PGSERVICE, its password file and so on.
struct Target {
  std::string dsn;                                          ///< `host=… dbname=…` or `postgresql://…`
  std::string service;                                      ///< a section of the service file
  std::vector<std::pair<std::string, std::string>> more{};  ///< parameters of libpq that count before those of `dsn`
};

/// The problem with a connection string, or nothing. The text repeats no part of it that may be a secret. A password in
/// it is a problem: others can read a command line. Does no I/O.
std::optional<std::string> dsn_problem(const std::string& dsn);

/// The environment variables that libpq reads (PGHOST …), as far as it reports them.
std::vector<std::string> environment_variables();

/// Settles how the connection is protected. For a server on another machine (no loopback address, no socket) the
/// default becomes TLS that verifies certificate and name; libpq's own default would fall back to plain text.
/// PGSSLMODE, the connection string and the service file keep their effect. Sets PGSERVICE and PGSSLMODE in this
/// process's environment; call once, before connecting. Returns true when the default was changed.
bool settle_protection(const Target& target);

/// True when every host of a libpq host list (`host` or `hostaddr`, comma-separated) is this machine: empty, a socket's
/// path, or a loopback name or address.
bool is_local(std::string_view hosts);

/// The parameters of the connection, later ones winning, as PQconnectStartParams takes them with expand_dbname.
std::vector<std::pair<std::string, std::string>> connection_parameters(const Target& target,
                                                                       const std::string& application);

}  // namespace weir::db
