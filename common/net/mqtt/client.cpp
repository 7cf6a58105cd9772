#include "net/mqtt/client.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/mqtt/client_impl.hpp"

namespace weir::mqtt {
namespace {

/// A sink that drops the messages of a connection which is made only to end a session.
struct NoLog final : Log {
  void info(std::string_view) override {}
  void warn(std::string_view) override {}
  void error(std::string_view) override {}
};

constexpr auto goodbye_limit = std::chrono::seconds(2);

void set_cork(int socket, int on) {
  // A failure is ignored: it costs speed alone.
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

}  // namespace

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
  // The library makes a system call for each packet, and without Nagle each becomes a segment of its own, which wakes
  // the broker. TCP_CORK joins them, and is off again before this returns, so nothing is delayed.
  const int socket = mosquitto_socket(mosq);
  if (many) set_cork(socket, 1);
  const int rc = mosquitto_loop_write(mosq, 1);
  const int error = errno;
  if (many && has_socket()) set_cork(socket, 0);
  errno = error;
  handle(rc);
}

Client::Client(Settings settings, Handler& handler, Log& log)
    : impl_(std::make_unique<Impl>(std::move(settings), handler, log)) {}
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
    if (impl.events == before) return false;  // nothing arrived but perhaps a packet of the protocol
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
  // Bytes that TLS has already decrypted do not show at the socket, so the caller reads again soon.
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
  // The broker's answer has to be read here while connecting: nobody else reads.
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
  // The library closes the socket after its DISCONNECT. With unread bytes the system would then reset the connection,
  // and the broker might lose our last acknowledgements. A second descriptor keeps it open until the broker closes.
  const int kept = ::fcntl(mosquitto_socket(impl.mosq), F_DUPFD_CLOEXEC, 0);
  while (impl.has_socket() && clock::now() < deadline) {
    if (mosquitto_loop_write(impl.mosq, 1) != MOSQ_ERR_SUCCESS || !impl.has_socket()) break;
    pollfd room{mosquitto_socket(impl.mosq), POLLOUT, 0};
    ::poll(&room, 1, 100);
  }
  if (kept >= 0) drain_and_close(kept, deadline);
  impl.phase = Impl::Phase::waiting;
  if (!forget || impl.settings.protocol == Protocol::v5) return;
  // MQTT 3.1.1 ends a session only by another connection without one.
  Settings clean = impl.settings;
  clean.session = Session::clean;
  Handler silent;
  NoLog no_log;
  Client forgetter(std::move(clean), silent, no_log);
  while (!forgetter.connected() && clock::now() < deadline) forgetter.wait({}, milliseconds(100));
  forgetter.disconnect();
}

}  // namespace weir::mqtt
