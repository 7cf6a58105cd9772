#include "net/influx/server_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "net/http/url.hpp"

namespace weir::influx {
namespace {

/// A secret becomes part of a header, which a control character would end.
void check_header(std::string_view secret) {
  if (std::any_of(secret.begin(), secret.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }))
    throw cli::UsageError("the token has a blank or a control character in it: --token-file holds the token alone");
  if (secret.empty()) throw cli::UsageError("the token is empty: see --token-file and INFLUX_TOKEN");
}

}  // namespace

void ServerOptions::define(cli::App& app) {
  app.group("Server");
  app.option("--url", url, "Base URL of the server").env("INFLUX_URL").metavar("URL").may_change();
  app.option("--org", org, "Organization, of version 2").env("INFLUX_ORG").metavar("NAME").may_change();
  app.option("--bucket", bucket, "Bucket, of version 2").env("INFLUX_BUCKET").metavar("NAME").may_change();
  app.option("--db", database, "Database, of versions 1 and 3").env("INFLUX_DB").metavar("NAME").may_change();
  app.option("--retention-policy", retention_policy,
             "Retention policy of --db, of version 1; without it, the default one")
      .metavar("NAME")
      .may_change();
  app.choice("--api", version, {{"auto", std::nullopt}, {"v1", Version::v1}, {"v2", Version::v2}, {"v3", Version::v3}},
             "The server's version; auto: v2 with --bucket, else v1")
      .may_change();
  net.define_token_file(app, "INFLUX_", "the token");
  net.define_login(app, "INFLUX_");
  net.define_ca_file(app, "server");
  net.define_insecure(app, "plain text to another machine");
}

void ServerOptions::validate() {
  net.validate();
  if (!http::is_base_url(url)) throw cli::UsageError(fmt::format("--url: '{}' is not a base URL", http::redact(url)));
  if (http::is_plain_off_host(url) && !net.insecure)
    throw cli::UsageError(
        "--url is another machine, and plain text is not safe on the way there: give https://, or "
        "--insecure to allow it");
  if (bucket.empty() && database.empty()) throw cli::UsageError("give --bucket (with --org), or --db");
  if (!bucket.empty() && !database.empty()) throw cli::UsageError("--bucket and --db exclude each other");
  if (!version) version = bucket.empty() ? Version::v1 : Version::v2;
  if ((*version == Version::v2) != database.empty())
    throw cli::UsageError("--api v2 goes with --bucket, v1 and v3 with --db");
  if (!retention_policy.empty() && version != Version::v1)
    throw cli::UsageError(
        "--retention-policy is of version 1: in others each bucket or database has its own retention");
}

std::string ServerOptions::call(std::string_view path) const {
  std::string made = url;
  while (made.ends_with('/')) made.pop_back();
  return made.append(path);
}

void ServerOptions::add_database(std::string& made) const {
  http::add_query(made, "db", database);
  if (!retention_policy.empty()) http::add_query(made, "rp", retention_policy);
}

std::string ServerOptions::write_url(EpochUnit precision) const {
  const Version api = version.value();
  std::string made = call(api == Version::v2 ? "/api/v2/write" : api == Version::v1 ? "/write" : "/api/v3/write_lp");
  if (api == Version::v2) {
    http::add_query(made, "org", org);
    http::add_query(made, "bucket", bucket);
  } else {
    add_database(made);
  }
  http::add_query(made, "precision", precision_name(precision, api));
  return made;
}

Access ServerOptions::access(const cli::Context& context, std::string_view tool) const {
  Access made;
  made.client.ca_file = net.ca_file;
  made.client.user_agent = fmt::format("weir-{}", tool);
  if (const auto token = net.token(context, "INFLUX_")) {
    check_header(*token);
    made.headers.push_back(fmt::format("Authorization: {} {}", version == Version::v3 ? "Bearer" : "Token", *token));
  }
  if (const auto password = net.password(context, "INFLUX_")) made.login = http::Login{net.user, *password};
  return made;
}

}  // namespace weir::influx
