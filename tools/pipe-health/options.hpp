// The options of pipe-health; for main.cpp alone.
#pragma once
#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checker.hpp"
#include "cli/net_options.hpp"
#include "net/host.hpp"
#include "net/http_server/credentials.hpp"
#include "net/http_server/options.hpp"

namespace weir::pipe_health {

struct Options {
  std::vector<std::string> checks;
  std::optional<Duration> max_age, max_lag;
  std::string listen, stages;
  Duration every = std::chrono::seconds(15);
  std::vector<std::string> password_files;
  cli::NetOptions client;  ///< who this program is to what it checks
  web::ServerOptions server;

  Options() {
    client.scope = "client";
    server.net.timeout = std::chrono::seconds(5);
  }
  void define(cli::App& app) {
    app.group("Checks");
    app.option("--check", checks,
               "What is checked: mqtt://, kafka://, redis://, postgres://, influx://, smtp://, http:// or state:DIR")
        .metavar("[NAME=]URL");
    server.net.define_timeout(app, "How long a check may take");
    app.option("--max-age", max_age, "How old the last commit of a state folder may be");
    app.option("--max-lag", max_lag,
               "How old the first message may be that a group of Kafka has not read, and the time up to which all "
               "shards of ?pipe= are final");
    app.group("Access");
    app.list("--password-file", password_files,
             "File whose first line is the password of a check; without it, the variable NAME_PASSWORD, or that of its "
             "kind, such as "
             "REDIS_PASSWORD")
        .metavar("NAME=FILE,…");
    server.net.define_ca_file(app, "server");
    client.define_certificate(app);
    app.group("Served");
    app.option("--listen", listen, "Address and port to serve the results on; without it, each check is made once")
        .metavar("ADDRESS:PORT");
    app.option("--stages", stages, "Folder of the figures that stages write (--metrics DIR), added to /metrics")
        .file("DIR");
    app.option("--every", every, "Pause between two checks of the same place");
    server.define_access(app);
  }

  void validate() const {
    if (server.net.timeout <= Duration::zero() || every <= Duration::zero())
      throw cli::UsageError("--timeout and --every must be longer than 0");
    if (checks.empty() && (stages.empty() || listen.empty()))
      throw cli::UsageError("--check is needed, or --stages with --listen");
    if (listen.empty()) {
      if (!stages.empty()) throw cli::UsageError("--stages goes with --listen");
      return;
    }
    web::ServerOptions checked = server;
    checked.listen = listen;
    checked.validate();
  }

  Checker::Checks make(cli::Context& context) const {
    Checker::Checks made;
    std::set<std::string> names;
    for (const std::string& text : checks) {
      try {
        Target target = parse_target(text);
        if (!names.insert(target.name).second)
          throw std::invalid_argument(
              fmt::format("--check: two have the name {} (NAME=URL gives another)", target.name));
        refuse_plain(target);
        const Probe probe = make_probe(target, access(target, context));
        made.emplace_back(std::move(target), probe);
      } catch (const std::invalid_argument& problem) {
        throw cli::UsageError(problem.what());
      }
    }
    for (const std::string& each : password_files)
      if (!names.contains(each.substr(0, each.find('='))))
        throw cli::UsageError(fmt::format("--password-file {}: no check has that name", each));
    return made;
  }

 private:
  /// Plain text to another machine can be read and changed on the way.
  void refuse_plain(const Target& target) const {
    if (target.security == Security::tls || target.kind == Kind::state || target.kind == Kind::postgres ||
        server.net.insecure)
      return;
    std::string_view hosts = target.host;
    while (!hosts.empty()) {
      std::string_view host = hosts.substr(0, hosts.find(','));
      hosts.remove_prefix(std::min(hosts.size(), host.size() + 1));
      if (target.kind == Kind::kafka) host = host.substr(0, host.find(':'));
      if (!net::is_this_machine(std::string(host)))
        throw std::invalid_argument(
            fmt::format("--check {}: {} is another machine, and plain text is not safe on the way there: give the URL "
                        "with an s ({}s://), or --insecure",
                        target.name, host, target.url.substr(0, target.url.find(':'))));
    }
  }

  Access access(const Target& target, cli::Context& context) const {
    Access made{.ca_file = server.net.ca_file,
                .cert_file = client.cert,
                .key_file = client.key,
                .max_age = max_age,
                .max_lag = max_lag};
    made.verify = server.net.insecure ? Verify::nothing : Verify::certificate;
    for (const std::string& each : password_files)
      if (each.substr(0, each.find('=')) == target.name)
        made.password = context.secret("", each.substr(std::min(each.size(), target.name.size() + 1)));
    if (!made.password) made.password = context.secret(target.password_variable());
    static constexpr std::pair<Kind, const char*> usual[]{{Kind::mqtt, "MQTT_PASSWORD"},
                                                          {Kind::kafka, "KAFKA_PASSWORD"},
                                                          {Kind::redis, "REDIS_PASSWORD"},
                                                          {Kind::smtp, "SMTP_PASSWORD"}};
    for (const auto& [kind, variable] : usual)
      if (kind == target.kind && !made.password && (!target.user.empty() || kind == Kind::redis))
        made.password = context.secret(variable);
    return made;
  }
};

}  // namespace weir::pipe_health
