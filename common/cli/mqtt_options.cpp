#include "cli/mqtt_options.hpp"

#include <fmt/format.h>

#include "net/host.hpp"

namespace weir::cli {
namespace {

constexpr int usual_in_flight = 100;
/// mosquitto ends an MQTT 3.1.1 connection with more QoS 2 messages in flight than its max_inflight_messages, 20 by
/// default.
constexpr int exactly_once_in_flight = 20;

}  // namespace

void MqttOptions::define(App& app, MqttRole role) {
  app.group("Broker");
  app.option("--host", host, "The broker's name or address").env("MQTT_HOST").may_change();
  app.option("--port", port, "Its port")
      .env("MQTT_PORT")
      .at_least(1)
      .at_most(65535)
      .default_text("1883, with TLS 8883")
      .may_change();
  app.choice("--protocol", protocol, {{"3.1.1", mqtt::Protocol::v3_1_1}, {"5", mqtt::Protocol::v5}}, "Version of MQTT")
      .may_change();
  Option& wanted = app.choice(
      "--qos", qos, {{"0", mqtt::Qos::at_most_once}, {"1", mqtt::Qos::at_least_once}, {"2", mqtt::Qos::exactly_once}},
      "Quality of service: 0 at most once, 1 at least once, 2 exactly once");
  // How many come at once is the broker's to say (see the room's RECEIVE_MAXIMUM).
  if (role == MqttRole::publisher)
    app.option("--inflight", in_flight, "Messages at QoS 1 and 2 on their way at once")
        .at_least(1)
        .at_most(10000)
        .default_text("100, with --qos 2 20")
        .may_change();
  app.option("--keepalive", keepalive, "Silence after which the connection is probed, in whole seconds")
      .metavar("DURATION")
      .may_change();
  app.option("--give-up", give_up,
             "End with exit 1 when the broker cannot be reached for this long; without it, try for ever")
      .metavar("DURATION")
      .may_change();
  Option& name =
      app.option("--client-id", client_id, "This client's name at the broker; two clients cannot bear the same")
          .metavar("ID")
          .default_text("a random one");
  app.option("--user", user, "User name").env("MQTT_USER").metavar("NAME").may_change();
  app.option("--password-file", password_file,
             "File whose first line is the password; without it, the variable MQTT_PASSWORD")
      .metavar("FILE")
      .file()
      .may_change();
  app.flag("--tls", tls, "Encrypt, and verify the broker by the system's certificates").may_change();
  app.option("--cafile", ca_file, "Encrypt, and verify the broker by the certificates in this PEM file")
      .metavar("FILE")
      .file()
      .may_change();
  app.option("--capath", ca_path, "As --cafile, for a folder prepared by `openssl rehash`")
      .metavar("DIR")
      .file()
      .may_change();
  app.option("--cert", cert, "This client's own certificate, PEM").metavar("FILE").file().may_change();
  app.option("--key", key, "The private key of --cert, PEM without a pass phrase").metavar("FILE").file().may_change();
  app.flag("--insecure", insecure,
           "Allow what is not safe: plain text to another machine; with TLS, a broker that is not verified")
      .may_change();
  if (role == MqttRole::subscriber) return;  // to the broker another name or quality would be another session
  wanted.may_change();
  name.may_change();
}

void MqttOptions::validate() const {
  using std::chrono::seconds;
  if (keepalive < seconds(5) || keepalive > seconds(65535) || keepalive % seconds(1) != Duration::zero())
    throw UsageError("--keepalive takes whole seconds from 5s to 65535s");
  if (cert.empty() != key.empty()) throw UsageError("--cert and --key go together");
  if (host.empty()) throw UsageError("--host is empty");
  if (!encrypted() && !insecure && !net::is_this_machine(host))
    throw UsageError(
        fmt::format("--host {} is another machine and the connection to it would be plain text: give --tls or "
                    "--cafile, or --insecure to allow that",
                    host));
  if (!password_file.empty() && user.empty()) throw UsageError("--password-file needs --user");
}

mqtt::Settings MqttOptions::settings(Context& context) const {
  mqtt::Settings settings;
  settings.host = host;
  settings.port = static_cast<int>(port.value_or(encrypted() ? 8883 : 1883));
  settings.protocol = protocol;
  settings.keepalive = std::chrono::duration_cast<std::chrono::seconds>(keepalive);
  settings.client_id = client_id;
  settings.user = user;
  settings.in_flight =
      static_cast<int>(in_flight.value_or(qos == mqtt::Qos::exactly_once ? exactly_once_in_flight : usual_in_flight));
  settings.give_up = give_up;
  if (!password_file.empty()) {
    settings.password = read_secret_file(password_file);
  } else if (!user.empty()) {
    settings.password = context.environment.secret("MQTT_PASSWORD");
  }
  if (settings.password) context.log.conceal(*settings.password);
  if (encrypted()) {
    settings.tls = mqtt::Tls{ca_file, ca_path, cert, key, insecure ? mqtt::Verify::nothing : mqtt::Verify::certificate};
    if (insecure)
      context.log.warn(fmt::format("--insecure: {} is not verified, it may be another than it says", host));
  } else if (!net::is_this_machine(host)) {
    context.log.warn(fmt::format("--insecure: plain text to {}, readable and changeable on its way", host));
  }
  return settings;
}

}  // namespace weir::cli
