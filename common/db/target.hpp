// Which server to connect to: what libpq makes of its variables, a connection string and a service file.
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
  std::string dsn;      ///< `host=… dbname=…` or `postgresql://…`
  std::string service;  ///< a section of the service file
};

/// What is wrong with a connection string, in words that repeat nothing of it where it may hold a secret; nothing when
/// all is right. A password in it is wrong: a command line can be read by others. Does no I/O.
std::optional<std::string> dsn_problem(const std::string& dsn);

/// The environment variables that libpq reads (PGHOST …), as far as it tells.
std::vector<std::string> environment_variables();

/// Settles how the connection is protected: for a server that is not on this machine (no loopback address, no socket)
/// TLS that verifies certificate and name becomes the default (libpq's own would fall back to plain text). What the
/// user said in PGSSLMODE, the connection string or the service file stays. Sets PGSERVICE and PGSSLMODE in this
/// process's environment; call once, before connecting. Returns true when the default was changed.
bool settle_protection(const Target& target);

/// True when every host of a libpq host list (`host` or `hostaddr`, comma-separated) is this machine: empty, a socket's
/// path, or a loopback name or address.
bool is_local(std::string_view hosts);

/// The parameters of the connection, later ones winning, as PQconnectStartParams takes them with expand_dbname.
std::vector<std::pair<std::string, std::string>> connection_parameters(const Target& target,
                                                                       const std::string& application);

}  // namespace weir::db
