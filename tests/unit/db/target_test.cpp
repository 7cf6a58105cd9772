#include "db/target.hpp"

#include <algorithm>
#include <cstdlib>

#include "catch.hpp"

using namespace weir::db;

TEST_CASE("a connection string must be libpq's and hold no password") {
  CHECK_FALSE(dsn_problem("host=example.org dbname=x").has_value());
  CHECK_FALSE(dsn_problem("postgresql://user@example.org/x?sslmode=verify-ca").has_value());
  CHECK(dsn_problem("host=a password=geheim").value().find("PGPASSWORD") != std::string::npos);
  CHECK(dsn_problem("postgresql://user:geheim@example.org/x").value().find("PGPASSWORD") != std::string::npos);
  CHECK(dsn_problem("nonsense").has_value());
}

TEST_CASE("a secret in a broken connection string is not repeated") {
  for (const char* dsn :
       {"postgresql://user:geheim@[::1/x", "host=a pass word=geheim", "postgresql://user:geheim@host/x?what=1"})
    CHECK(dsn_problem(dsn).value().find("geheim") == std::string::npos);
}

TEST_CASE("which hosts are this machine") {
  for (const char* local :
       {"", "localhost", "127.0.0.1", "127.1.2.3", "::1", "/var/run/postgresql", "@abstract", "localhost,/tmp"})
    CHECK(is_local(local));
  for (const char* far :
       {"db.example.org", "10.0.0.1", "localhost.example.org", "127.evil.org", "localhost,db", "0.0.0.0"})
    CHECK_FALSE(is_local(far));
}

TEST_CASE("off this machine TLS verifies, unless the user turns that off") {
  const auto settle = [](const char* host, const char* mode, const Target& target) {
    host == nullptr ? ::unsetenv("PGHOST") : ::setenv("PGHOST", host, 1);
    mode == nullptr ? ::unsetenv("PGSSLMODE") : ::setenv("PGSSLMODE", mode, 1);
    ::unsetenv("PGHOSTADDR");
    ::unsetenv("PGSERVICE");
    settle_protection(target);
    const char* const now = std::getenv("PGSSLMODE");
    return std::string(now == nullptr ? "" : now);
  };
  CHECK(settle("db.example.org", nullptr, {}) == "verify-full");
  CHECK(settle("db.example.org", "require", {}) == "require");
  CHECK(settle("127.0.0.1", nullptr, {}).empty());
  CHECK(settle(nullptr, nullptr, {}).empty());
  CHECK(settle(nullptr, nullptr, {"host=db.example.org", ""}) == "verify-full");
  CHECK(settle("db.example.org", nullptr, {"host=/tmp", ""}).empty());
  CHECK(settle(nullptr, nullptr, {"host=db.example.org hostaddr=127.0.0.1", ""}).empty());
  CHECK(settle(nullptr, nullptr, {"host=localhost hostaddr=10.0.0.1", ""}) == "verify-full");
  ::unsetenv("PGHOST");
  ::unsetenv("PGSSLMODE");
}

TEST_CASE("libpq's variables are known by name") {
  const auto names = environment_variables();
  for (const char* name : {"PGHOST", "PGPORT", "PGPASSWORD", "PGSSLMODE", "PGSERVICEFILE"})
    CHECK(std::find(names.begin(), names.end(), name) != names.end());
}

TEST_CASE("the connection string comes after the defaults, so that it wins") {
  const auto parameters = connection_parameters({"keepalives_idle=5", ""}, "x");
  const auto at = [&](std::string_view keyword) {
    return std::find_if(parameters.begin(), parameters.end(), [&](const auto& each) { return each.first == keyword; });
  };
  REQUIRE(at("dbname") != parameters.end());
  CHECK(at("keepalives_idle") < at("dbname"));
}
