// The options that name Kafka's brokers; for main.cpp alone, as the room itself knows no options.
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/net_options.hpp"
#include "net/host.hpp"
#include "net/kafka/settings.hpp"

namespace weir::kafka {

/// The options of group "Brokers".
struct Options {
  std::string brokers = "localhost:9092";
  std::string sasl;
  std::vector<std::string> properties;
  std::optional<Duration> retry_for;
  cli::NetOptions net;

  void define(cli::App& app) {
    app.group("Brokers");
    app.option("-b,--brokers", brokers, "Brokers to begin with, HOST:PORT,…; the others are learnt from them")
        .env("KAFKA_BROKERS")
        .metavar("LIST")
        .may_change();
    cli::define_retry_for(app, retry_for, "brokers", "without it, retry for ever");
    app.option("--sasl", sasl, "How --user logs in: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
        .metavar("MECHANISM")
        .default_text("SCRAM-SHA-512 with --user")
        .may_change();
    net.define_login(app, "KAFKA_");
    net.define_tls(app, "brokers");
    net.define_ca_file(app, "brokers");
    net.define_certificate(app);
    net.define_insecure(app, "plain text to another machine; with TLS, brokers that are not verified");
    app.option("-X,--property", properties, "Property of librdkafka, such as socket.keepalive.enable=true")
        .metavar("NAME=VALUE")
        .may_change();
  }

  /// Checks the options together; throws cli::UsageError.
  void validate() const {
    net.validate();
    if (brokers.empty()) throw cli::UsageError("--brokers is empty");
    if (!sasl.empty() && net.user.empty()) throw cli::UsageError("--sasl needs --user");
    for (std::size_t begin = 0; begin < brokers.size();) {
      const std::size_t end = std::min(brokers.find(',', begin), brokers.size());
      check_broker(brokers.substr(begin, end - begin));
      begin = end + 1;
    }
    for (const std::string& property : properties)
      if (const auto equals = property.find('='); equals == std::string::npos || equals == 0)
        throw cli::UsageError(fmt::format("--property '{}': it takes NAME=VALUE", property));
  }

  /// The room's settings, with the password of --password-file or KAFKA_PASSWORD. Warns of what --insecure exposes.
  /// `more` are properties that the tool sets.
  Settings settings(cli::Context& context, const Properties& more = {}) const {
    Settings made;
    made.brokers = brokers;
    made.user = net.user;
    if (!net.user.empty()) made.sasl = sasl.empty() ? "SCRAM-SHA-512" : sasl;
    made.password = net.password(context, "KAFKA_");
    made.retry_for = retry_for;
    if (net.encrypted()) {
      for (const std::string& file : {net.ca_file, net.cert, net.key})
        if (!file.empty() && ::access(file.c_str(), R_OK) != 0) throw std::runtime_error("cannot read " + file);
      made.tls = Tls{net.ca_file, net.cert, net.key, net.insecure ? Verify::nothing : Verify::certificate};
      if (net.insecure)
        context.log.warn("--insecure: the brokers are not verified, they may be others than they claim");
    } else if (net.insecure) {
      context.log.warn(fmt::format("--insecure: plain text to {}, others can read and change it on the way", brokers));
    }
    for (const std::string& property : properties) {
      const auto equals = property.find('=');
      made.properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
    }
    try {
      check_properties(made, more);
    } catch (const std::invalid_argument& problem) {
      throw cli::UsageError(problem.what());
    }
    return made;
  }

 private:
  /// Checks one of --brokers: HOST, HOST:PORT or [IPV6]:PORT.
  void check_broker(const std::string& broker) const {
    const auto colon = broker.find(':', broker.starts_with('[') ? broker.find(']') : 0);
    const std::string host = broker.substr(0, colon);
    if (host.empty()) throw cli::UsageError(fmt::format("--brokers '{}': it takes HOST:PORT,…", brokers));
    if (colon != std::string::npos && !broker.substr(colon).starts_with("://")) {
      int port = 0;
      const char* const end = broker.data() + broker.size();
      const auto read = std::from_chars(broker.data() + colon + 1, end, port);
      if (read.ec != std::errc() || read.ptr != end || port < 1 || port > 65535)
        throw cli::UsageError(fmt::format("--brokers: {} is not a port, which is a number from 1 to 65535",
                                          broker.substr(colon + 1).empty() ? "nothing" : broker.substr(colon + 1)));
    }
    if (!net.encrypted() && !net.insecure && !net::is_this_machine(host))
      throw cli::UsageError(
          fmt::format("--brokers: {} is another machine, and plain text is not safe on the way there: give --tls or "
                      "--cafile, or --insecure to allow it",
                      host));
  }
};

}  // namespace weir::kafka
