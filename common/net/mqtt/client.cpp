#include "net/mqtt/client.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "time/back_off.hpp"

namespace weir::mqtt {
namespace {

using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::milliseconds;

/// A broker that has taken the connection and then says nothing for so long is left, and tried again.
constexpr auto answer_limit = std::chrono::seconds(10);
/// A connection that lived so long, or over which a message was acknowledged, was a good one: the next back-off starts
/// small. (mosquitto 2.0 ends an MQTT 5 connection behind each message that it refuses.)
constexpr auto good_life = std::chrono::seconds(5);
constexpr auto goodbye_limit = std::chrono::seconds(2);
/// How long the broker keeps an MQTT 5 session of one run while its client is away, in seconds.
constexpr std::uint32_t run_session_expiry = 3600;
constexpr std::uint32_t never_expires = 0xFFFFFFFF;
/// From here on a code of MQTT 5 (and of a 3.1.1 SUBACK) is an error.
constexpr int first_error_code = 0x80;
/// OpenSSL's SSL_VERIFY_NONE and SSL_VERIFY_PEER, as mosquitto_tls_opts_set takes them.
constexpr int verify_none = 0;
constexpr int verify_peer = 1;

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) throw std::runtime_error("the system gives no random numbers");
  return bits;
}

/// mosquitto_lib_init once a process.
void begin_library() {
  static const int done = mosquitto_lib_init();
  static_cast<void>(done);
}

class Properties {
 public:
  Properties() = default;
  ~Properties() { mosquitto_property_free_all(&list_); }
  Properties(const Properties&) = delete;
  Properties& operator=(const Properties&) = delete;
  void add(int identifier, std::uint32_t value) { mosquitto_property_add_int32(&list_, identifier, value); }
  void add(const UserProperty& property) {
    const int rc = mosquitto_property_add_string_pair(&list_, MQTT_PROP_USER_PROPERTY, property.name.c_str(),
                                                      property.value.c_str());
    if (rc == MOSQ_ERR_NOMEM) throw std::bad_alloc();
    if (rc != MOSQ_ERR_SUCCESS) throw std::invalid_argument(mosquitto_strerror(rc));
  }
  const mosquitto_property* get() const { return list_; }

 private:
  mosquitto_property* list_ = nullptr;
};

void set_cork(int socket, int on) {
  // A failure costs speed alone.
  static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof on));
}

/// Ends our side of a connection, and reads on until the other side has ended its own.
void drain_and_close(int socket, clock::time_point deadline) {
  ::shutdown(socket, SHUT_WR);
  std::array<char, 4096> unread;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - clock::now()).count();
    pollfd input{socket, POLLIN, 0};
    if (left <= 0 || ::poll(&input, 1, static_cast<int>(left)) <= 0) break;
    if (::recv(socket, unread.data(), unread.size(), MSG_DONTWAIT) <= 0) break;
  }
  ::close(socket);
}

void check_readable(const std::string& file) {
  if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
    throw std::runtime_error(fmt::format("cannot read {}: {}", file, std::strerror(errno)));
}

/// A CONNACK's code that a later attempt may not get again: the server is busy or not up yet.
bool is_passing(Protocol protocol, int code) {
  if (protocol == Protocol::v3_1_1) return code == 3;
  return code == MQTT_RC_UNSPECIFIED || code == MQTT_RC_SERVER_UNAVAILABLE || code == MQTT_RC_SERVER_BUSY ||
         code == MQTT_RC_QUOTA_EXCEEDED || code == MQTT_RC_CONNECTION_RATE_EXCEEDED;
}

const char* code_text(Protocol protocol, int code) {
  return protocol == Protocol::v5 ? mosquitto_reason_string(code) : mosquitto_connack_string(code);
}

}  // namespace

struct Client::Impl {
  Impl(Settings wanted, Handler& owner)
      : settings(std::move(wanted)),
        handler(owner),
        back_off(std::chrono::milliseconds(100), std::chrono::seconds(30), random_bits()) {
    begin_library();
    if (settings.client_id.empty()) settings.client_id = fmt::format("weir-{:016x}", random_bits());
    mosq = mosquitto_new(settings.client_id.c_str(), settings.session == Session::clean, this);
    if (mosq == nullptr) throw std::runtime_error(fmt::format("libmosquitto: {}", std::strerror(errno)));
    try {
      set_up();
    } catch (...) {
      mosquitto_destroy(mosq);
      throw;
    }
  }
  ~Impl() { mosquitto_destroy(mosq); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void set_up();
  void set_tls(const Tls& tls);
  void connect();
  void handle(int rc);
  void after_failure(std::string reason);
  void keep_alive(clock::time_point now);
  bool has_socket() const { return mosquitto_socket(mosq) >= 0; }
  void write();
  void send_subscriptions();
  void rethrow() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
  }
  std::string where() const { return fmt::format("{}:{}", settings.host, settings.port); }

  /// Runs what a callback does; nothing may be thrown through the library, so it waits until the library has returned.
  template <typename Action>
  static void guarded(void* self, Action action) noexcept {
    Impl& impl = *static_cast<Impl*>(self);
    try {
      action(impl);
    } catch (...) {
      if (!impl.thrown) impl.thrown = std::current_exception();
    }
  }

  void on_connect(int code, int flags);
  void on_subscribe(int count, const int* granted);
  void on_publish(int id, int code);

  enum class Phase : std::uint8_t { waiting, connecting, connected };

  Settings settings;
  Handler& handler;
  BackOff back_off;
  struct mosquitto* mosq = nullptr;
  std::vector<std::string> filters;
  Qos subscription_qos = Qos::at_least_once;

  Phase phase = Phase::waiting;
  clock::time_point next_attempt{};  ///< while waiting
  clock::time_point since{};         ///< of this phase, when not waiting
  clock::time_point down_since = clock::now();
  clock::time_point next_keep_alive{};
  bool told_down = false;
  bool ever_connected = false;
  bool subscribed = false;  ///< once, so a session that is still there has the subscriptions
  bool leaving = false;
  std::string refusal;     ///< why the broker has sent this client away, where it said so
  std::string last_error;  ///< the library's last words, for TLS

  std::exception_ptr thrown;
  std::size_t events = 0;  ///< messages and acknowledgements seen
  std::size_t queued = 0;  ///< messages and acknowledgements since the last write
  std::size_t in_flight = 0;
  bool acknowledged = false;  ///< something, by this connection
  std::size_t unwritten = 0;  ///< of them at QoS 0
  std::bitset<65536> at_qos0;
  std::uint64_t lost = 0;
  std::vector<pollfd> descriptors;
};

void Client::Impl::set_up() {
  mosquitto_threaded_set(mosq, true);  // publishing and acknowledging only queue: write() decides when they leave
  mosquitto_int_option(mosq, MOSQ_OPT_PROTOCOL_VERSION,
                       settings.protocol == Protocol::v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(mosq, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(mosq, MOSQ_OPT_SEND_MAXIMUM, settings.in_flight);
  // 2.0.11 miscounts a smaller one, at QoS 2 and after a reconnect, and ends the connection; the broker has a limit of
  // its own.
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
      impl.refusal = mosquitto_reason_string(code);
      if (code == MQTT_RC_SESSION_TAKEN_OVER)
        throw Refused(fmt::format("{}: another client has connected as '{}'", impl.where(), impl.settings.client_id));
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
  // The library verifies by default; it is said here so that it does not hang on a default.
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
  // Not the asynchronous one: that tries only the first of a name's addresses. A signal ends it.
  handle(mosquitto_connect_bind_v5(mosq, settings.host.c_str(), settings.port,
                                   static_cast<int>(settings.keepalive.count()), nullptr, properties.get()));
}

/// Looks at what a call of the library has come to, and at what was thrown in its callbacks.
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
    reason = "there is no address for this name";
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
    if (now - since >= good_life || acknowledged) back_off.reset();
  }
  phase = Phase::waiting;
  next_attempt = now + std::chrono::duration_cast<clock::duration>(back_off.next());
  in_flight -= unwritten;  // the library forgets what it has not written when it connects again
  lost += unwritten;
  unwritten = 0;
  at_qos0.reset();
  if (settings.give_up && now - down_since >= *settings.give_up)
    throw std::runtime_error(fmt::format("gave up on {}: {}", where(), reason));
  if (was_connected) {
    handler.on_words(fmt::format("lost the connection to {} ({}); connecting again", where(), reason));
  } else if (!told_down) {
    handler.on_words(fmt::format("cannot reach {} ({}); trying again", where(), reason));
  }
  told_down = true;
}

void Client::Impl::on_connect(int code, int flags) {
  if (code != 0) {
    refusal = code_text(settings.protocol, code);
    if (!is_passing(settings.protocol, code))
      throw Refused(fmt::format("{} refuses the connection: {}", where(), refusal));
    return;
  }
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
  if (std::exchange(told_down, false)) handler.on_words(fmt::format("connected to {}", where()));
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
      handler.on_words(fmt::format("{} grants '{}' only QoS {}", where(), filter, granted[i]));
  }
  subscribed = true;
  phase = Phase::connected;
  handler.on_subscribed();
}

void Client::Impl::on_publish(int id, int code) {
  ++events;
  if (in_flight > 0) --in_flight;
  const auto index = static_cast<std::size_t>(id) & 0xFFFFU;
  if (at_qos0.test(index)) {
    at_qos0.reset(index);
    --unwritten;
  } else {
    acknowledged = true;
  }
  if (code >= first_error_code) {
    handler.on_refused(id, mosquitto_reason_string(code));
  } else {
    handler.on_delivered(id);
  }
}

void Client::Impl::write() {
  const bool many = std::exchange(queued, 0) > 1;
  if (!has_socket() || !mosquitto_want_write(mosq)) return;
  // The library makes a system call of each packet, and without Nagle each becomes a segment of its own, which wakes
  // the broker. Corked, what goes together leaves together, and nothing waits: the cork is out again before this
  // returns.
  const int socket = mosquitto_socket(mosq);
  if (many) set_cork(socket, 1);
  const int rc = mosquitto_loop_write(mosq, 1);
  const int error = errno;
  if (many && has_socket()) set_cork(socket, 0);
  errno = error;
  handle(rc);
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

Client::Client(Settings settings, Handler& handler) : impl_(std::make_unique<Impl>(std::move(settings), handler)) {}
Client::~Client() = default;

void Client::subscribe(std::vector<std::string> filters, Qos qos, Subscribed earlier) {
  impl_->filters = std::move(filters);
  impl_->subscribed = earlier == Subscribed::yes;
  impl_->subscription_qos = qos;
}

bool Client::connected() const { return impl_->phase == Impl::Phase::connected; }
std::size_t Client::in_flight() const { return impl_->in_flight; }
std::uint64_t Client::lost() const { return impl_->lost; }

MessageId Client::publish(const std::string& topic, std::string_view payload, Qos qos, Retain retain,
                          const UserProperty* property) {
  Impl& impl = *impl_;
  Properties properties;
  if (property != nullptr) properties.add(*property);
  int id = 0;
  const int rc = mosquitto_publish_v5(impl.mosq, &id, topic.c_str(), static_cast<int>(payload.size()), payload.data(),
                                      static_cast<int>(qos), retain == Retain::yes, properties.get());
  if (rc == MOSQ_ERR_QOS_NOT_SUPPORTED || rc == MOSQ_ERR_RETAIN_NOT_SUPPORTED)
    throw Refused(fmt::format("{}: {}", impl.where(), mosquitto_strerror(rc)));
  if (rc == MOSQ_ERR_NOMEM) throw std::bad_alloc();
  if (rc != MOSQ_ERR_SUCCESS) throw std::invalid_argument(mosquitto_strerror(rc));
  ++impl.in_flight;
  ++impl.queued;
  if (qos == Qos::at_most_once) {
    impl.at_qos0.set(static_cast<std::size_t>(id) & 0xFFFFU);
    ++impl.unwritten;
  }
  return id;
}

void Client::flush() { impl_->write(); }

bool Client::read(std::size_t limit) {
  Impl& impl = *impl_;
  const std::size_t until = impl.events + limit;
  while (impl.events < until) {
    if (impl.phase == Impl::Phase::waiting || !impl.has_socket()) return false;
    const std::size_t before = impl.events;
    impl.handle(mosquitto_loop_read(impl.mosq, 1));
    if (impl.events == before) return false;  // nothing there, or a word of the protocol: wait() tells
  }
  return true;
}

void Client::wait(std::span<pollfd> also, milliseconds limit) {
  Impl& impl = *impl_;
  impl.rethrow();
  auto now = clock::now();
  if (impl.phase == Impl::Phase::waiting && now >= impl.next_attempt) {
    impl.connect();
    now = clock::now();
  }
  impl.keep_alive(now);
  impl.write();
  auto deadline = impl.phase == Impl::Phase::waiting ? impl.next_attempt : impl.next_keep_alive;
  // What TLS has decrypted already does not show at the socket: the caller reads soon again.
  if (impl.settings.tls && impl.in_flight > 0) deadline = std::min(deadline, now + milliseconds(20));
  if (limit >= milliseconds::zero()) deadline = std::min(deadline, now + limit);
  const auto timeout = std::max(milliseconds::zero(), std::chrono::ceil<milliseconds>(deadline - now));

  impl.descriptors.assign(also.begin(), also.end());
  const bool open = impl.phase != Impl::Phase::waiting && impl.has_socket();
  if (open) {
    const auto events = static_cast<short>(POLLIN | (mosquitto_want_write(impl.mosq) ? POLLOUT : 0));
    impl.descriptors.push_back({mosquitto_socket(impl.mosq), events, 0});
  }
  const int ready = ::poll(impl.descriptors.data(), impl.descriptors.size(), static_cast<int>(timeout.count()));
  if (ready < 0) {
    if (errno != EINTR) throw std::runtime_error(fmt::format("poll: {}", std::strerror(errno)));
    return;
  }
  for (std::size_t i = 0; i < also.size(); ++i) also[i].revents = impl.descriptors[i].revents;
  if (!open) return;
  const short events = impl.descriptors.back().revents;
  if ((events & POLLOUT) != 0) impl.write();
  // While connecting, nobody else listens for the broker's answer.
  if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 && impl.phase == Impl::Phase::connecting) read(1);
}

void Client::disconnect() {
  Impl& impl = *impl_;
  if (impl.phase == Impl::Phase::waiting || !impl.has_socket()) return;
  impl.leaving = true;
  Properties properties;
  const bool forget = impl.settings.session == Session::this_run;
  if (forget && impl.settings.protocol == Protocol::v5) properties.add(MQTT_PROP_SESSION_EXPIRY_INTERVAL, 0);
  mosquitto_disconnect_v5(impl.mosq, 0, properties.get());
  const auto deadline = clock::now() + goodbye_limit;
  // The library closes the socket behind its DISCONNECT. With something unread in it the system would then reset the
  // connection, and the broker might never see our last acknowledgements: a second descriptor keeps it open until the
  // broker has hung up.
  const int kept = ::fcntl(mosquitto_socket(impl.mosq), F_DUPFD_CLOEXEC, 0);
  while (impl.has_socket() && clock::now() < deadline) {
    if (mosquitto_loop_write(impl.mosq, 1) != MOSQ_ERR_SUCCESS || !impl.has_socket()) break;
    pollfd room{mosquitto_socket(impl.mosq), POLLOUT, 0};
    ::poll(&room, 1, 100);
  }
  if (kept >= 0) drain_and_close(kept, deadline);
  impl.phase = Impl::Phase::waiting;
  if (!forget || impl.settings.protocol == Protocol::v5) return;
  // MQTT 3.1.1 has no other way to make the broker forget a session than to connect once more without one.
  Settings clean = impl.settings;
  clean.session = Session::clean;
  Handler silent;
  Client forgetter(std::move(clean), silent);
  while (!forgetter.connected() && clock::now() < deadline) forgetter.wait({}, milliseconds(100));
  forgetter.disconnect();
}

}  // namespace weir::mqtt
