#include "cli/net_options.hpp"

#include <fmt/format.h>

namespace weir::cli {

std::string NetOptions::name(const char* option) const {
  return scope.empty() ? fmt::format("--{}", option) : fmt::format("--{}-{}", scope, option);
}

void NetOptions::define_tls(App& app, const std::string& peer) {
  app.flag("--tls", tls, fmt::format("Encrypt, and verify the {} by the system's certificates", peer)).may_change();
}

void NetOptions::define_ca_file(App& app, const std::string& peer) {
  app.option(name("cafile"), ca_file,
             fmt::format("Verify the {} by the certificates in this PEM file instead of the system's", peer))
      .file()
      .may_change();
}

void NetOptions::define_certificate(App& app) {
  app.option(name("cert"), cert, "This program's own certificate chain, PEM").file().may_change();
  app.option(name("key"), key, fmt::format("The private key of {}, PEM without a pass phrase", name("cert")))
      .file()
      .may_change();
}

void NetOptions::define_insecure(App& app, const std::string& allows) {
  app.flag("--insecure", insecure, "Allow " + allows).may_change();
}

void NetOptions::define_login(App& app, const std::string& prefix) {
  app.option(name("user"), user,
             scope.empty() ? "Log in as this user" : fmt::format("Log in to the {} as this user", scope))
      .env(prefix + "USER")
      .metavar("NAME")
      .may_change();
  app.option(name("password-file"), password_file,
             fmt::format("File whose first line is the password; without it, the variable {}PASSWORD", prefix))
      .file()
      .may_change();
}

void NetOptions::define_token_file(App& app, const std::string& prefix, const std::string& what) {
  app.option("--token-file", token_file,
             fmt::format("File whose first line is {}; without it, the variable {}TOKEN", what, prefix))
      .file()
      .may_change();
}

void NetOptions::define_timeout(App& app, const std::string& what) {
  app.option("--timeout", timeout, what).may_change();
}

void NetOptions::define_retries(App& app, const std::string& what, const std::string& longest) {
  define_timeout(app, fmt::format("How long one {} may take", what));
  app.option("--retries", retries, fmt::format("How often a failed {} is retried", what))
      .at_least(0)
      .at_most(100)
      .may_change();
  app.option("--retry-wait", retry_wait,
             fmt::format("The pause before the first retry; it doubles with each, up to {}", longest))
      .may_change();
}

void define_retry_for(App& app, std::optional<Duration>& target, const std::string& peer,
                      const std::string& otherwise) {
  app.option("--retry-for", target,
             fmt::format("End with exit 1 when the {} cannot be reached for this long; {}", peer, otherwise))
      .may_change();
}

void NetOptions::validate() const {
  if (cert.empty() != key.empty()) throw UsageError(fmt::format("{} and {} go together", name("cert"), name("key")));
  if (!password_file.empty() && user.empty())
    throw UsageError(fmt::format("{} needs {}", name("password-file"), name("user")));
}

std::optional<std::string> NetOptions::password(const Context& context, const std::string& prefix) const {
  if (user.empty()) return std::nullopt;
  return context.secret(prefix + "PASSWORD", password_file);
}

std::optional<std::string> NetOptions::token(const Context& context, const std::string& prefix) const {
  return context.secret(prefix + "TOKEN", token_file);
}

}  // namespace weir::cli
