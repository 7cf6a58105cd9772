// The options that name a registry of schemas; for main.cpp alone, as the room itself knows no options.
#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/net_options.hpp"
#include "net/http/url.hpp"
#include "net/registry/registry.hpp"

namespace weir::registry {

/// The options that name one of the registry's schemas.
struct SchemaName {
  std::string subject;
  std::optional<std::uint64_t> id;

  /// Checks the options together; throws cli::UsageError.
  void validate() const {
    if (id && !subject.empty()) throw cli::UsageError("--schema-id names a schema, and --subject then has no use");
  }
  /// What is given of them, for a message; null for neither.
  const char* given() const { return id ? "--schema-id" : !subject.empty() ? "--subject" : nullptr; }
};

/// The options of group "Registry".
struct Options {
  std::string url;
  cli::NetOptions net;

  Options() { net.scope = "registry"; }
  void define(cli::App& app) {
    app.option("--registry", url, "Registry of schemas, with Confluent's REST interface").metavar("URL").may_change();
    net.define_login(app, "SCHEMA_REGISTRY_");
    net.define_ca_file(app, "registry");
  }

  /// Checks the options together; throws cli::UsageError. `insecure` allows a login in plain text.
  void validate(bool insecure) const {
    if (url.empty()) {
      if (!net.user.empty()) throw cli::UsageError("--registry-user needs --registry");
      return;
    }
    if (!http::is_base_url(url))
      throw cli::UsageError(
          fmt::format("--registry '{}': it takes http://HOST… or https://HOST…, without a user", http::redact(url)));
    net.validate();
    if (!net.user.empty() && !insecure && http::is_plain_off_host(url))
      throw cli::UsageError("--registry: a password in plain text is not safe on the way: give https, or --insecure");
  }

  /// The room's settings, with the password; nothing without a registry. That there is one becomes part of what saved
  /// state depends on; its place may change.
  std::optional<Settings> settings(cli::Context& context, const std::optional<Duration>& retry_for) const {
    if (url.empty()) return std::nullopt;
    context.settings += "--registry\n";
    Settings made{.url = url, .ca_file = net.ca_file, .retry_for = retry_for};
    if (net.user.empty()) return made;
    const auto password = net.password(context, "SCHEMA_REGISTRY_");
    if (!password)
      throw cli::UsageError(
          "--registry-user needs a password: --registry-password-file, or the variable SCHEMA_REGISTRY_PASSWORD");
    made.login = http::Login{net.user, *password};
    return made;
  }
};

/// The options of group "Avro" that every tool has: a schema's file, a registry, one of its schemas.
struct SchemaOptions {
  std::string file;
  SchemaName name;
  Options registry;

  /// What a tool does with each.
  struct Help {
    std::string file, subject, id;
    std::string subject_default{};
  };
  void define(cli::App& app, const Help& help) {
    app.group("Avro");
    app.option("--avro-schema", file, help.file).file();
    registry.define(app);
    app.option("--subject", name.subject, help.subject).metavar("NAME").default_text(help.subject_default);
    app.option("--schema-id", name.id, help.id).metavar("N").at_most(2147483647);
  }
};

}  // namespace weir::registry
