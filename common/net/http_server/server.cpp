#include "net/http_server/server.hpp"

#include <openssl/ssl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/http_server/session.hpp"
#include "process/threads.hpp"

namespace weir::web {
namespace {

/// Raises the limit of descriptors to what the clients need, as far as the hard limit allows.
void raise_descriptor_limit(std::size_t clients) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = clients + 256;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// The address that limits count by: of IPv6 the /64 network, since one machine may have all of it.
std::string address_of(const asio::ip::address& remote) {
  if (!remote.is_v6()) return remote.to_string();
  auto bytes = remote.to_v6().to_bytes();
  if (remote.to_v6().is_v4_mapped())
    return asio::ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]}).to_string();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6(bytes).to_string();
}

}  // namespace

Server::Impl::Impl(Settings given, Hooks given_hooks, Log& messages)
    : settings(std::move(given)),
      hooks(std::move(given_hooks)),
      log(messages),
      feed(settings.limits.feed),
      limiter(settings.limits.requests_per_second, settings.limits.requests_at_once) {
  raise_descriptor_limit(settings.limits.clients);
  if (!settings.certificate.empty()) {
    const std::string& key = settings.key.empty() ? settings.certificate : settings.key;
    for (const std::string& path : {settings.certificate, key})
      if (::access(path.c_str(), R_OK) != 0) throw std::system_error(errno, std::generic_category(), path);
    tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    ::SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
    error_code error;
    tls->use_certificate_chain_file(settings.certificate, error);
    if (error) throw std::runtime_error(fmt::format("{} is not a certificate chain in PEM", settings.certificate));
    tls->use_private_key_file(key, asio::ssl::context::pem, error);
    if (error) throw std::runtime_error(fmt::format("{} is not the private key (PEM) of that certificate", key));
    if (!settings.client_ca.empty()) {
      tls->load_verify_file(settings.client_ca, error);
      if (error)
        throw std::runtime_error(fmt::format("{} has no certificates of authorities in PEM", settings.client_ca));
      tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
  }
  listen();
}

void Server::Impl::listen() {
  const auto fail = [this](const error_code& error) {
    throw std::runtime_error(
        fmt::format("cannot listen on {} port {}: {}", settings.address, settings.port, error.message()));
  };
  error_code error;
  const auto address = asio::ip::make_address(settings.address == "localhost" ? "127.0.0.1" : settings.address, error);
  if (error) fail(error);
  const tcp::endpoint endpoint(address, settings.port);
  acceptor.open(endpoint.protocol(), error);
  if (error) fail(error);
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  acceptor.bind(endpoint, error);
  if (error) fail(error);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) fail(error);
}

void Server::Impl::accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) {
    if (closing) return;
    if (!error) {
      admit(std::move(socket));
      return accept();
    }
    // No descriptor is left, or the client has gone.
    if (!make_room()) log.warn(fmt::format("cannot take a connection: {}", error.message()));
    accept_pause.expires_after(std::chrono::milliseconds(50));
    accept_pause.async_wait([this](error_code) {
      if (!closing) accept();
    });
  });
}

/// Ends the connection that has waited longest for a request; false when none waits.
bool Server::Impl::make_room() {
  if (idle.empty()) return false;
  const auto longest = idle.front()->shared_from_this();
  longest->end();
  return true;
}

/// As make_room(), among the connections of one address.
bool Server::Impl::make_room(const std::string& address) {
  const auto found =
      std::find_if(idle.begin(), idle.end(), [&](const Session* each) { return each->address() == address; });
  if (found == idle.end()) return false;
  const auto longest = (*found)->shared_from_this();
  longest->end();
  return true;
}

void Server::Impl::admit(tcp::socket socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;
  const std::string address = address_of(remote.address());
  const auto share = shares.find(address);
  const bool too_many = share != shares.end() && share->second.connections >= settings.limits.clients_of_address;
  if ((too_many && !make_room(address)) || (sessions.size() >= settings.limits.clients && !make_room())) {
    ++refused;
    if (hooks.refused) hooks.refused({.status = 503, .body = "There are too many connections."}, address);
    static constexpr std::string_view full =
        "HTTP/1.1 503 Service Unavailable\r\nServer: weir\r\nRetry-After: 10\r\nContent-Length: 0\r\nConnection: "
        "close\r\n\r\n";
    socket.non_blocking(true, error);
    if (tls == nullptr) socket.write_some(asio::buffer(full), error);
    return;
  }
  ++connections;
  ++shares[address].connections;
  auto session = std::make_shared<Session>(*this, std::move(socket), address);
  session->start(sessions.insert(sessions.end(), session));
}

void Server::Impl::sweep() {
  timer.expires_after(std::chrono::seconds(1));
  timer.async_wait([this](error_code error) {
    if (error) return;
    const auto now = clock::now();
    for (auto each = sessions.begin(); each != sessions.end();) {
      const auto session = *each++;  // it may end and leave the list
      session->sweep(now);
    }
    sweep();
  });
}

void Server::Impl::publish(MessageKind kind, std::string_view bytes) {
  bool wake_now = false;
  {
    const std::lock_guard lock(mutex);
    const std::uint64_t ordinal = published;
    if (kind == MessageKind::record) ++published;
    if (stream_count == 0) return;
    // The server's thread is too slow: the clients learn how many records they missed.
    if (pending_bytes > most_pending && kind == MessageKind::record) return;
    if (pending.empty()) oldest = clock::now();
    pending.push_back({kind, ordinal, std::string(bytes)});
    pending_bytes += bytes.size() + sizeof(Message);
    wake_now = !std::exchange(woken, true);
  }
  if (wake_now) asio::post(io, [this] { drain(); });
}

void Server::Impl::reply(std::uint64_t ticket, const Response& response) {
  if (const auto found = waiting.find(ticket); found != waiting.end())
    found->second->shared_from_this()->answer_later(response);
}

void Server::Impl::drain() {
  std::vector<Message> taken;
  clock::time_point since;
  {
    const std::lock_guard lock(mutex);
    taken.swap(pending);
    pending_bytes = 0;
    woken = false;
    since = oldest;
  }
  const bool any = !taken.empty();
  for (Message& each : taken) feed.add(std::move(each));
  for (auto each = streams.begin(); each != streams.end();) {
    const auto session = (*each++)->shared_from_this();
    session->pump();
  }
  if (streams.empty()) feed.clear();
  feed_bytes = feed.bytes();
  if (any && hooks.delivered) hooks.delivered(clock::now() - since);
}

void Server::Impl::begin_closing() {
  closing = true;
  closing_deadline = clock::now() + settings.limits.closing_time;
  error_code ignored;
  acceptor.close(ignored);
  accept_pause.cancel();
  drain();
  for (auto each = sessions.begin(); each != sessions.end();) {
    const auto session = *each++;
    session->finish();
  }
}

Server::Server(Settings settings, Hooks hooks, Log& log)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(hooks), log)) {
  impl_->accept();
  impl_->sweep();
  impl_->thread = process::start_thread([impl = impl_.get()] {
    // A handler that throws must not end the server.
    while (!impl->io.stopped()) {
      try {
        impl->io.run();
      } catch (const std::exception& problem) {
        impl->log.warn(problem.what());
      }
    }
  });
}

Server::~Server() { stop(); }

std::uint16_t Server::port() const {
  error_code ignored;
  return impl_->acceptor.local_endpoint(ignored).port();
}

void Server::publish(std::string_view record) { impl_->publish(MessageKind::record, record); }

void Server::notify(std::string_view message) { impl_->publish(MessageKind::notice, message); }

void Server::reply(std::vector<std::pair<std::uint64_t, Response>> answers) {
  asio::post(impl_->io, [impl = impl_.get(), answers = std::move(answers)] {
    for (const auto& [ticket, response] : answers) impl->reply(ticket, response);
  });
}

bool Server::has_streams() const { return impl_->stream_count != 0; }

Figures Server::figures() const {
  return {.connections = impl_->connections,
          .streams = impl_->stream_count,
          .requests = impl_->requests,
          .refused = impl_->refused,
          .messages_sent = impl_->sent,
          .skipped = impl_->skipped,
          .feed_bytes = impl_->feed_bytes};
}

void Server::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  asio::post(impl_->io, [impl = impl_.get()] { impl->begin_closing(); });
  const auto deadline = clock::now() + impl_->settings.limits.closing_time;
  while (clock::now() < deadline && impl_->connections != 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  asio::post(impl_->io, [impl = impl_.get()] {
    while (!impl->sessions.empty()) {
      const auto session = impl->sessions.front();
      session->end();
    }
    impl->timer.cancel();
    impl->io.stop();
  });
  impl_->thread.join();
}

}  // namespace weir::web
