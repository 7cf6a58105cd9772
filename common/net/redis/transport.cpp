#include "net/redis/transport.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>
#include <system_error>

namespace weir::redis {
namespace {

std::string text_of(int error) { return std::generic_category().message(error); }

/// The first error that OpenSSL has kept, all of which are cleared.
std::string tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Context context_of(const Tls& tls) {
  Context context(SSL_CTX_new(TLS_client_method()));
  const auto use = [](bool done, std::string_view what) {
    if (!done) throw std::runtime_error(fmt::format("{} cannot be used: {}", what, tls_error()));
  };
  use(context != nullptr && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1, "TLS");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (tls.ca_file.empty())
    use(SSL_CTX_set_default_verify_paths(context.get()) == 1, "the system's certificates");
  else
    use(SSL_CTX_load_verify_locations(context.get(), tls.ca_file.c_str(), nullptr) == 1, tls.ca_file);
  if (!tls.cert_file.empty()) {
    use(SSL_CTX_use_certificate_chain_file(context.get(), tls.cert_file.c_str()) == 1, tls.cert_file);
    use(SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1, tls.key_file);
  }
  SSL_CTX_set_verify(context.get(), tls.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return context;
}

}  // namespace

struct Transport::Impl {
  ~Impl() { close(); }
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void close() {
    if (session != nullptr) SSL_free(session);
    session = nullptr;
    if (socket >= 0) ::close(socket);
    socket = -1;
    wants_write = false;
  }

  /// Tries one address; returns the error's text, empty when it is connected.
  std::string connect(const addrinfo& address, const Wait& wait) {
    close();
    socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return text_of(errno);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (::connect(socket, address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return text_of(errno);
    pollfd ready{socket, POLLOUT, 0};
    if (!wait(ready)) return "no answer in time";
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    return error == 0 ? std::string() : text_of(error);
  }

  void shake_hands(const Settings& settings, const Wait& wait) {
    if (context == nullptr) context = context_of(*settings.tls);
    session = SSL_new(context.get());
    if (session == nullptr || SSL_set_fd(session, socket) != 1) throw std::bad_alloc();
    // A name is both sent and compared; an address is compared alone.
    const char* host = settings.host.c_str();
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) != 1) {
      ERR_clear_error();
      SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      if (SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host)) != 1 ||
          SSL_set1_host(session, host) != 1)
        throw std::runtime_error(fmt::format("'{}' cannot be the name of a TLS server", settings.host));
    }
    for (;;) {
      ERR_clear_error();
      const int result = SSL_connect(session);
      if (result == 1) return;
      const int error = SSL_get_error(session, result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        const long verified = SSL_get_verify_result(session);
        if (verified != X509_V_OK && settings.tls->verifies)
          throw std::runtime_error(fmt::format("{}: the certificate is not trusted: {}", settings.host,
                                               X509_verify_cert_error_string(verified)));
        throw ConnectionLost("the TLS handshake failed: " + tls_error());
      }
      pollfd ready{socket, static_cast<short>(error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN), 0};
      if (!wait(ready)) throw ConnectionLost("the TLS handshake took too long");
    }
  }

  /// The size of a TLS read or write: 0 when it has to wait.
  std::size_t settle(int result) {
    wants_write = false;
    if (result > 0) return static_cast<std::size_t>(result);
    const int error = SSL_get_error(session, result);
    if (error == SSL_ERROR_WANT_READ) return 0;
    wants_write = error == SSL_ERROR_WANT_WRITE;
    if (wants_write) return 0;
    if (error == SSL_ERROR_ZERO_RETURN) throw ConnectionLost("the server ended the connection");
    throw ConnectionLost("the TLS connection broke: " + tls_error());
  }

  int socket = -1;
  Context context;
  SSL* session = nullptr;
  bool wants_write = false;  ///< TLS has to write before it can go on
};

Transport::Transport() : impl_(std::make_unique<Impl>()) {}
Transport::~Transport() = default;

void Transport::open(const Settings& settings, const Wait& wait) {
  close();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(settings.host.c_str(), std::to_string(settings.port).c_str(), &hints, &found);
  if (problem != 0) throw ConnectionLost(fmt::format("{}: {}", settings.host, ::gai_strerror(problem)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  std::string reason;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    reason = impl_->connect(*address, wait);
    if (reason.empty()) break;
  }
  if (!reason.empty()) {
    close();
    throw ConnectionLost(fmt::format("{}:{}: {}", settings.host, settings.port, reason));
  }
  if (!settings.tls) return;
  try {
    impl_->shake_hands(settings, wait);
  } catch (...) {
    close();
    throw;
  }
}

void Transport::close() { impl_->close(); }

bool Transport::is_open() const { return impl_->socket >= 0; }

std::size_t Transport::write(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (impl_->session != nullptr) {
    ERR_clear_error();
    return impl_->settle(
        SSL_write(impl_->session, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
  }
  const ssize_t sent = ::send(impl_->socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  throw ConnectionLost(text_of(errno));
}

std::size_t Transport::read(std::span<char> into) {
  if (impl_->session != nullptr) {
    ERR_clear_error();
    return impl_->settle(
        SSL_read(impl_->session, into.data(), static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX))));
  }
  const ssize_t got = ::recv(impl_->socket, into.data(), into.size(), 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0) throw ConnectionLost("the server ended the connection");
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  throw ConnectionLost(text_of(errno));
}

pollfd Transport::descriptor(bool writes) const {
  const bool waits_to_write = writes || impl_->wants_write;
  return {impl_->socket, static_cast<short>(waits_to_write ? POLLIN | POLLOUT : POLLIN), 0};
}

}  // namespace weir::redis
