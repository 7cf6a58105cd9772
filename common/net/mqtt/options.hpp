// The options that name an MQTT broker; for main.cpp alone, as the room itself knows no options.
#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/net_options.hpp"
#include "net/host.hpp"
#include "net/mqtt/settings.hpp"

namespace weir::mqtt {

enum class Role : std::uint8_t { publisher, subscriber };

/// The options of group "Broker".
struct Options {
  std::string host = "localhost";
  std::optional<std::uint64_t> port;
  Protocol protocol = Protocol::v3_1_1;
  Qos qos = Qos::at_least_once;
  std::optional<std::uint64_t> in_flight;
  Duration keepalive = std::chrono::seconds(60);
  std::string client_id;
  std::string ca_path;
  std::optional<Duration> retry_for;
  cli::NetOptions net;

  void define(cli::App& app, Role role) {
    app.group("Broker");
    app.option("--host", host, "Name or address of the broker").env("MQTT_HOST").may_change();
    app.option("--port", port, "The broker's port")
        .env("MQTT_PORT")
        .at_least(1)
        .at_most(65535)
        .default_text("1883, with TLS 8883")
        .may_change();
    app.choice("--protocol", protocol, {{"3.1.1", Protocol::v3_1_1}, {"5", Protocol::v5}}, "MQTT version").may_change();
    cli::Option& quality =
        app.choice("--qos", qos, {{"0", Qos::at_most_once}, {"1", Qos::at_least_once}, {"2", Qos::exactly_once}},
                   "Quality of service: 0 at most once, 1 at least once, 2 exactly once");
    // Publishers alone have this option: a broker decides how many messages a subscriber gets at once.
    if (role == Role::publisher)
      app.option("--inflight", in_flight, "Most messages at QoS 1 and 2 without an acknowledgement")
          .at_least(1)
          .at_most(10000)
          .default_text("100, with --qos 2 20")
          .may_change();
    app.option("--keepalive", keepalive, "Probe the connection after this silence, in whole seconds").may_change();
    cli::Option& name =
        app.option("--client-id", client_id, "This client's name at the broker; no two clients can have the same")
            .metavar("ID")
            .default_text("a random one");
    cli::define_retry_for(app, retry_for, "broker", "without it, retry for ever");
    net.define_login(app, "MQTT_");
    net.define_tls(app, "broker");
    net.define_ca_file(app, "broker");
    app.option("--capath", ca_path, "As --cafile, for a folder prepared by `openssl rehash`").file("DIR").may_change();
    net.define_certificate(app);
    net.define_insecure(app, "plain text to another machine; with TLS, a broker that is not verified");
    if (role == Role::subscriber) return;  // another name or QoS would be another session at the broker
    quality.may_change();
    name.may_change();
  }

  bool encrypted() const { return net.encrypted() || !ca_path.empty(); }

  /// Checks the options together; throws cli::UsageError.
  void validate() const {
    using std::chrono::seconds;
    if (keepalive < seconds(5) || keepalive > seconds(65535) || keepalive % seconds(1) != Duration::zero())
      throw cli::UsageError("--keepalive takes whole seconds from 5s to 65535s");
    if (host.empty()) throw cli::UsageError("--host is empty");
    net.validate();
    if (!encrypted() && !net.insecure && !net::is_this_machine(host))
      throw cli::UsageError(
          fmt::format("--host {} is another machine, and plain text is not safe on the way there: give --tls or "
                      "--cafile, or --insecure to allow it",
                      host));
  }

  /// The room's settings, with the password of --password-file or MQTT_PASSWORD. Warns of what --insecure exposes.
  /// Throws cli::UsageError when the secret cannot be used.
  Settings settings(cli::Context& context) const {
    constexpr int usual_in_flight = 100;
    // mosquitto ends an MQTT 3.1.1 connection with more QoS 2 messages in flight than its max_inflight_messages,
    // 20 by default.
    constexpr int exactly_once_in_flight = 20;
    Settings made;
    made.host = host;
    made.port = static_cast<int>(port.value_or(encrypted() ? 8883 : 1883));
    made.protocol = protocol;
    made.keepalive = std::chrono::duration_cast<std::chrono::seconds>(keepalive);
    made.client_id = client_id;
    made.user = net.user;
    made.password = net.password(context, "MQTT_");
    made.in_flight =
        static_cast<int>(in_flight.value_or(qos == Qos::exactly_once ? exactly_once_in_flight : usual_in_flight));
    made.retry_for = retry_for;
    if (encrypted()) {
      made.tls = Tls{net.ca_file, ca_path, net.cert, net.key, net.insecure ? Verify::nothing : Verify::certificate};
      if (net.insecure)
        context.log.warn(fmt::format("--insecure: {} is not verified, it may be another machine than it claims", host));
    } else if (!net::is_this_machine(host)) {
      context.log.warn(fmt::format("--insecure: plain text to {}, others can read and change it on the way", host));
    }
    return made;
  }
};

}  // namespace weir::mqtt
