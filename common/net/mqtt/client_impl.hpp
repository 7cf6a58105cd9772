// The state of a client, with libmosquitto's header; private to this room.
#pragma once
#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/mqtt/client.hpp"
#include "time/back_off.hpp"

namespace weir::mqtt {

using clock = std::chrono::steady_clock;
using milliseconds = std::chrono::milliseconds;

/// The least code of MQTT 5 (and of a 3.1.1 SUBACK) that means an error.
inline constexpr int first_error_code = 0x80;

/// A list of MQTT 5 properties, owned.
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

struct Client::Impl {
  Impl(Settings wanted, Handler& owner, Log& messages);
  ~Impl() { mosquitto_destroy(mosq); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void set_up();
  void set_tls(const Tls& tls);
  void connect();
  void handle(int rc);
  void after_failure(std::string reason);
  void report_loss(const std::string& reason, clock::time_point now);
  std::string likely_cause() const;
  void keep_alive(clock::time_point now);
  bool has_socket() const { return mosquitto_socket(mosq) >= 0; }
  void write();
  void send_subscriptions();
  void rethrow() {
    if (thrown) std::rethrow_exception(std::exchange(thrown, nullptr));
  }
  std::string where() const { return fmt::format("{}:{}", settings.host, settings.port); }

  /// Runs the work of a callback. An exception is kept until the library has returned: it must not pass through C.
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
  Log& log;
  BackOff back_off;
  struct mosquitto* mosq = nullptr;
  std::vector<std::string> filters;
  Qos subscription_qos = Qos::at_least_once;

  Phase phase = Phase::waiting;
  clock::time_point next_attempt{};  ///< while waiting
  clock::time_point since{};         ///< of this phase, when not waiting
  clock::time_point down_since = clock::now();
  clock::time_point next_keep_alive{};
  bool reported_down = false;
  unsigned short_lives = 0;         ///< connections in a row that were lost soon after they began
  clock::time_point quiet_until{};  ///< of lost connections, where they are lost again and again
  bool id_is_made_up = false;       ///< and so no other client has it
  bool ever_connected = false;
  bool subscribed = false;  ///< once, so a session that is still there has the subscriptions
  bool leaving = false;
  std::string refusal;     ///< the broker's reason for closing the connection, if it gave one
  std::string last_error;  ///< the library's last message, for TLS

  std::exception_ptr thrown;
  std::size_t events = 0;  ///< messages and acknowledgements received
  std::size_t queued = 0;  ///< messages and acknowledgements since the last write
  std::size_t in_flight = 0;
  bool acknowledged = false;  ///< the broker has acknowledged something on this connection
  std::size_t unwritten = 0;  ///< of those in flight, at QoS 0
  std::bitset<65536> at_qos0;
  std::uint64_t lost = 0;
  std::vector<pollfd> descriptors;
};

}  // namespace weir::mqtt
