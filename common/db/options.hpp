// The options that name a server of PostgreSQL; for main.cpp alone, as the room itself knows no options.
#pragma once
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "cli/net_options.hpp"
#include "db/target.hpp"

namespace weir::db {

/// `--dsn` and `--service`.
inline void define_target(cli::App& app, Target& target) {
  app.option("--dsn", target.dsn,
             "Connection string, host=… dbname=… or postgresql://…, without a password; default: PGHOST, PGPORT, "
             "PGUSER, PGDATABASE …")
      .metavar("DSN")
      .may_change();
  app.option("--service", target.service, "Section of the connection service file (PGSERVICEFILE, ~/.pg_service.conf)")
      .metavar("NAME")
      .may_change();
}

/// How to log in, by which certificates, and `--retry-for`.
inline void define_access(cli::App& app, cli::NetOptions& net, std::optional<Duration>& retry_for) {
  net.define_login(app, "PG");
  net.define_ca_file(app, "server");
  net.define_certificate(app);
  cli::define_retry_for(app, retry_for, "server", "without it, 30s at the first start, later for ever");
}

/// Puts options, and what only `.env` has, into the process's environment, the only one that libpq reads, and settles
/// how the connection is protected. Options count before variables; certificates among them mean `verify-full`.
inline void settle_environment(const cli::NetOptions& net, const Target& target, const cli::Context& context) {
  for (const std::string& name : environment_variables()) {
    const auto value = name == "PGPASSWORD" ? context.secret(name) : context.environment.get(name);
    if (value) ::setenv(name.c_str(), value->c_str(), 0);
  }
  const std::string password = net.password(context, "PG").value_or("");
  for (const auto& [name, value] :
       {std::pair("PGUSER", &net.user), std::pair("PGPASSWORD", &password), std::pair("PGSSLROOTCERT", &net.ca_file),
        std::pair("PGSSLCERT", &net.cert), std::pair("PGSSLKEY", &net.key)})
    if (!value->empty()) ::setenv(name, value->c_str(), 1);
  if (net.encrypted()) ::setenv("PGSSLMODE", "verify-full", 1);
  settle_protection(target);
}

}  // namespace weir::db
