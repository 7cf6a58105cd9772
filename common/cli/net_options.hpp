// The options of network tools: one name and one meaning in every tool.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "cli/app.hpp"

namespace weir::cli {

/// TLS, secrets and retries. A tool declares the parts that it has; the others keep their defaults.
struct NetOptions {
  /// `registry` for a server beside the tool's own: its --user is then --registry-user, and so on.
  std::string scope;
  bool tls = false;
  std::string ca_file;
  std::string cert;
  std::string key;
  bool insecure = false;
  std::string user;
  std::string password_file;
  std::string token_file;
  std::uint64_t retries = 4;
  Duration retry_wait = std::chrono::seconds(1);
  Duration timeout = std::chrono::seconds(15);

  /// `--tls`. In all of these `peer` names the other side in the help: "broker".
  void define_tls(App& app, const std::string& peer);
  /// `--cafile`. It implies TLS wherever a tool has `--tls` (encrypted()).
  void define_ca_file(App& app, const std::string& peer);
  /// `--cert` and `--key`: who this program is, as a client or as a server.
  void define_certificate(App& app);
  /// `--insecure`; `allows` completes "Allow …".
  void define_insecure(App& app, const std::string& allows);
  /// `--user` and `--password-file`, with the variables `prefix`USER and `prefix`PASSWORD: "MQTT_".
  void define_login(App& app, const std::string& prefix);
  /// `--token-file`, with the variable `prefix`TOKEN; `what` completes "File whose first line is …".
  void define_token_file(App& app, const std::string& prefix, const std::string& what);
  /// `--timeout`; `what` is its help.
  void define_timeout(App& app, const std::string& what);
  /// `--timeout`, `--retries` and `--retry-wait`, where each request stands for itself: one that has failed so often is
  /// given up, and the run goes on. `what` is one attempt ("request"), `longest` the longest pause.
  void define_retries(App& app, const std::string& what, const std::string& longest);

  /// Checks what belongs together; throws UsageError.
  void validate() const;

  /// The password of --user, from --password-file or else `prefix`PASSWORD; nothing without --user.
  std::optional<std::string> password(const Context& context, const std::string& prefix) const;

  /// The token, from --token-file or else `prefix`TOKEN.
  std::optional<std::string> token(const Context& context, const std::string& prefix) const;

  bool encrypted() const { return tls || !ca_file.empty() || !cert.empty(); }

 private:
  std::string name(const char* option) const;
};

/// `--retry-for`, of tools whose server must have, or give, every record: it is tried again for so long, and then the
/// run ends. `otherwise` says what happens without it.
void define_retry_for(App& app, std::optional<Duration>& target, const std::string& peer, const std::string& otherwise);

}  // namespace weir::cli
