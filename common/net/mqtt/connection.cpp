// How a client connects, subscribes, and reconnects when the connection breaks.
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/mqtt/client_impl.hpp"

namespace weir::mqtt {
namespace {

/// The limit for a broker that has accepted the connection and then does not answer; then it is tried again.
constexpr auto answer_limit = std::chrono::seconds(10);
/// A connection that lasted this long, or acknowledged a message, resets the back-off. (mosquitto 2.0 ends an MQTT 5
/// connection after each message that it refuses.)
constexpr auto good_life = std::chrono::seconds(5);
/// So many connections in a row that are lost sooner have a cause that lasts. It is named, and then once in the pause.
constexpr unsigned most_short_lives = 3;
constexpr auto quiet_pause = std::chrono::minutes(1);
/// The time in seconds for which the broker keeps an MQTT 5 session of one run while its client is away.
constexpr std::uint32_t run_session_expiry = 3600;
constexpr std::uint32_t never_expires = 0xFFFFFFFF;
/// OpenSSL's SSL_VERIFY_NONE and SSL_VERIFY_PEER, as mosquitto_tls_opts_set takes them.
constexpr int verify_none = 0;
constexpr int verify_peer = 1;

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) throw std::runtime_error("no random numbers from the system");
  return bits;
}

/// Calls mosquitto_lib_init, once a process.
void begin_library() {
  static const int done = mosquitto_lib_init();
  static_cast<void>(done);
}

void check_readable(const std::string& file) {
  if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
    throw std::runtime_error(fmt::format("cannot read {}: {}", file, std::strerror(errno)));
}

/// Whether a CONNACK's code can change with a retry: the server is busy or not up yet.
bool is_passing(Protocol protocol, int code) {
  if (protocol == Protocol::v3_1_1) return code == 3;
  return code == MQTT_RC_UNSPECIFIED || code == MQTT_RC_SERVER_UNAVAILABLE || code == MQTT_RC_SERVER_BUSY ||
         code == MQTT_RC_QUOTA_EXCEEDED || code == MQTT_RC_CONNECTION_RATE_EXCEEDED;
}

const char* code_text(Protocol protocol, int code) {
  return protocol == Protocol::v5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code);
}

}  // namespace

Client::Impl::Impl(Settings wanted, Handler& owner, Log& messages)
    : settings(std::move(wanted)),
      handler(owner),
      log(messages),
      back_off(std::chrono::milliseconds(100), std::chrono::seconds(30), random_bits()) {
  begin_library();
  id_is_made_up = settings.client_id.empty();
  if (id_is_made_up) settings.client_id = fmt::format("weir-{:016x}", random_bits());
  mosq = mosquitto_new(settings.client_id.c_str(), settings.session == Session::clean, this);
  if (mosq == nullptr) throw std::runtime_error(fmt::format("libmosquitto: {}", std::strerror(errno)));
  try {
    set_up();
  } catch (...) {
    mosquitto_destroy(mosq);
    throw;
  }
}

void Client::Impl::set_up() {
  mosquitto_threaded_set(mosq, true);  // publishing and acknowledging only queue; write() sends
  mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION,
                       settings.protocol == Protocol::v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(mosq, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(mosq, MOSQ_OPT_SEND_MAXIMUM, settings.in_flight);
  // libmosquitto 2.0.11 miscounts a smaller number, at QoS 2 after a reconnect, and ends the connection. The broker has
  // its own limit.
  mosquitto_int_option(mosq, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
  if (!settings.user.empty() || settings.password) {
    const int rc = mosquitto_username_pw_set(mosq, settings.user.c_str(),
                                             settings.password ? settings.password->c_str() : nullptr);
    if (rc != MOSQ_ERR_SUCCESS)
      throw std::runtime_error(fmt::format("the user name cannot be used: {}", mosquitto_strerror(rc)));
  }
  if (settings.tls) set_tls(*settings.tls);
  mosquitto_connect_v5_callback_set(mosq,
                                    [](struct mosquitto*, void* self, int code, int flags, const mosquitto_property*) {
                                      guarded(self, [&](Impl& impl) { impl.on_connect(code, flags); });
                                    });
  mosquitto_disconnect_v5_callback_set(mosq, [](struct mosquitto*, void* self, int code, const mosquitto_property*) {
    guarded(self, [&](Impl& impl) {
      if (code < first_error_code || impl.settings.protocol != Protocol::v5) return;
      impl.refusal = code == MQTT_RC_SESSION_TAKEN_OVER
                         ? fmt::format("another client has connected with the client id '{}'", impl.settings.client_id)
                         : mosquitto_reason_string(code);
    });
  });
  mosquitto_subscribe_v5_callback_set(
      mosq, [](struct mosquitto*, void* self, int, int count, const int* granted, const mosquitto_property*) {
        guarded(self, [&](Impl& impl) { impl.on_subscribe(count, granted); });
      });
  mosquitto_publish_v5_callback_set(mosq,
                                    [](struct mosquitto*, void* self, int id, int code, const mosquitto_property*) {
                                      guarded(self, [&](Impl& impl) { impl.on_publish(id, code); });
                                    });
  mosquitto_message_callback_set(mosq, [](struct mosquitto*, void* self, const mosquitto_message* message) {
    guarded(self, [&](Impl& impl) {
      ++impl.events;
      if (message->qos > 0) ++impl.queued;
      const auto size = static_cast<std::size_t>(message->payloadlen);
      impl.handler.on_message({message->topic,
                               {static_cast<const char*>(message->payload), message->payload == nullptr ? 0 : size},
                               static_cast<Qos>(message->qos),
                               message->retain,
                               message->mid});
    });
  });
  // With a callback the library writes a text for every message: only until TLS has once succeeded.
  if (settings.tls)
    mosquitto_log_callback_set(mosq, [](struct mosquitto*, void* self, int level, const char* text) {
      if (level == MOSQ_LOG_ERR) guarded(self, [&](Impl& impl) { impl.last_error = text; });
    });
}

void Client::Impl::set_tls(const Tls& tls) {
  for (const std::string* file : {&tls.ca_file, &tls.ca_path, &tls.cert_file, &tls.key_file}) check_readable(*file);
  const auto or_null = [](const std::string& text) { return text.empty() ? nullptr : text.c_str(); };
  const bool system = tls.ca_file.empty() && tls.ca_path.empty();
  int rc = mosquitto_tls_set(mosq, or_null(tls.ca_file), system ? "/etc/ssl/certs" : or_null(tls.ca_path),
                             or_null(tls.cert_file), or_null(tls.key_file), nullptr);
  // Verification is the library's default; it is set anyway, so that it does not depend on a default.
  const bool verify = tls.verify == Verify::certificate;
  if (rc == MOSQ_ERR_SUCCESS) rc = mosquitto_tls_opts_set(mosq, verify ? verify_peer : verify_none, nullptr, nullptr);
  if (rc == MOSQ_ERR_SUCCESS) rc = mosquitto_tls_insecure_set(mosq, !verify);
  if (rc != MOSQ_ERR_SUCCESS) throw std::runtime_error(fmt::format("TLS cannot be set up: {}", mosquitto_strerror(rc)));
}

void Client::Impl::connect() {
  Properties properties;
  if (settings.protocol == Protocol::v5 && settings.session != Session::clean)
    properties.add(MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                   settings.session == Session::persistent ? never_expires : run_session_expiry);
  refusal.clear();
  last_error.clear();
  phase = Phase::connecting;
  since = clock::now();
  errno = 0;
  // The asynchronous call would try only the first address of a name. A signal ends this one.
  handle(mosquitto_connect_bind_v5(mosq, settings.host.c_str(), settings.port,
                                   static_cast<int>(settings.keepalive.count()), nullptr, properties.get()));
}

/// Checks the result of a library call, and rethrows what its callbacks threw.
void Client::Impl::handle(int rc) {
  const int error = errno;
  rethrow();
  if (phase == Phase::waiting || leaving) return;
  if (rc == MOSQ_ERR_SUCCESS && has_socket()) return;
  std::string reason;
  if (!refusal.empty()) {
    reason = refusal;
  } else if (rc == MOSQ_ERR_ERRNO) {
    reason = error == 0 ? "the connection broke" : std::strerror(error);
  } else if (rc == MOSQ_ERR_EAI) {
    reason = "the host name has no address";
  } else if (rc == MOSQ_ERR_SUCCESS) {
    reason = "the broker has closed the connection";
  } else {
    reason = mosquitto_strerror(rc);
  }
  if (rc == MOSQ_ERR_NOMEM) throw std::bad_alloc();
  if ((rc == MOSQ_ERR_TLS || rc == MOSQ_ERR_TLS_HANDSHAKE) && !ever_connected) {
    const auto detail = last_error.find("error:");
    throw Refused(
        fmt::format("no TLS with {}: {}", where(), detail == std::string::npos ? reason : last_error.substr(detail)));
  }
  after_failure(std::move(reason));
}

void Client::Impl::after_failure(std::string reason) {
  const auto now = clock::now();
  const bool was_connected = phase == Phase::connected;
  if (was_connected) {
    down_since = now;
    const bool was_good = now - since >= good_life || acknowledged;
    short_lives = was_good ? 0 : short_lives + 1;
    if (was_good) back_off.reset();
  }
  phase = Phase::waiting;
  next_attempt = now + std::chrono::duration_cast<clock::duration>(back_off.next());
  in_flight -= unwritten;  // the library forgets unwritten messages when it reconnects
  lost += unwritten;
  unwritten = 0;
  at_qos0.reset();
  if (settings.retry_for && now - down_since >= *settings.retry_for)
    throw std::runtime_error(fmt::format("gave up on {} after --retry-for: {}", where(), reason));
  if (was_connected) return report_loss(reason, now);
  if (!reported_down) log.warn(fmt::format("cannot reach {} ({}); trying again", where(), reason));
  reported_down = true;
}

/// Reports a lost connection. A broker closes the older of two connections with one client id, without a word in MQTT
/// 3.1.1, and so two clients throw each other out again and again.
void Client::Impl::report_loss(const std::string& reason, clock::time_point now) {
  if (short_lives < most_short_lives) {
    log.warn(fmt::format("lost the connection to {} ({}); connecting again", where(), reason));
    reported_down = true;
  } else if (now >= quiet_until) {
    quiet_until = now + quiet_pause;
    log.warn(fmt::format("lost the connection to {} ({}), {} times in a row soon after connecting{}; connecting again",
                         where(), reason, short_lives, likely_cause()));
  }
}

std::string Client::Impl::likely_cause() const {
  if (!id_is_made_up) return fmt::format(": is another client using the client id '{}'?", settings.client_id);
  if (settings.protocol != Protocol::v5 || in_flight < 2) return {};
  return ": does the broker end it when it refuses a message? With --inflight 1 its answer is read";
}

void Client::Impl::on_connect(int code, int flags) {
  if (code != 0) {
    refusal = code_text(settings.protocol, code);
    if (!is_passing(settings.protocol, code))
      throw Refused(fmt::format("{} refuses the connection: {}", where(), refusal));
    return;
  }
  mosquitto_log_callback_set(mosq, nullptr);
  constexpr int session_present = 1;
  const bool found = (flags & session_present) != 0;
  handler.on_connected(found ? SessionFound::yes : SessionFound::no);
  if (filters.empty() || (subscribed && found)) {
    phase = Phase::connected;
  } else {
    send_subscriptions();
  }
  since = clock::now();
  acknowledged = false;
  ever_connected = true;
  if (std::exchange(reported_down, false)) log.warn(fmt::format("connected to {}", where()));
}

void Client::Impl::send_subscriptions() {
  std::vector<char*> pointers;
  for (std::string& filter : filters) pointers.push_back(filter.data());
  const int rc = mosquitto_subscribe_multiple(mosq, nullptr, static_cast<int>(pointers.size()), pointers.data(),
                                              static_cast<int>(subscription_qos), 0, nullptr);
  if (rc != MOSQ_ERR_SUCCESS) throw std::runtime_error(fmt::format("subscribing failed: {}", mosquitto_strerror(rc)));
}

void Client::Impl::on_subscribe(int count, const int* granted) {
  for (int i = 0; i < count && static_cast<std::size_t>(i) < filters.size(); ++i) {
    const std::string& filter = filters[static_cast<std::size_t>(i)];
    if (granted[i] >= first_error_code)
      throw Refused(fmt::format(
          "{} refuses the subscription to '{}'{}", where(), filter,
          settings.protocol == Protocol::v5 ? fmt::format(": {}", mosquitto_reason_string(granted[i])) : ""));
    if (granted[i] < static_cast<int>(subscription_qos) && !subscribed)
      log.warn(fmt::format("{} grants '{}' only QoS {}", where(), filter, granted[i]));
  }
  subscribed = true;
  phase = Phase::connected;
  handler.on_subscribed();
}

void Client::Impl::keep_alive(clock::time_point now) {
  if (phase == Phase::connecting && now - since >= answer_limit) {
    after_failure("it takes connections, but does not answer");
    return;
  }
  if (now < next_keep_alive) return;
  next_keep_alive = now + std::chrono::seconds(1);
  if (has_socket()) handle(mosquitto_loop_misc(mosq));
}

}  // namespace weir::mqtt
