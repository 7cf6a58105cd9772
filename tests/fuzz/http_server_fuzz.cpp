// links: weir_net_http_server

// The server as a whole: bytes as a client sends them, HTTP or (behind a first byte `W`) frames of a WebSocket that is
// open. It must answer or close, and go on serving.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_server/server.hpp"
#include "record/log.hpp"

namespace {

using namespace weir::web;

/// A warning means that the server could not serve: no bytes of a client may do that.
struct AbortingLog final : weir::Log {
  void info(std::string_view) override {}
  void warn(std::string_view) override { std::abort(); }
  void error(std::string_view) override { std::abort(); }
};

Server& server() {
  static AbortingLog log;
  static Server made(
      [] {
        Settings settings;
        settings.limits.requests_per_second = 1e9;
        settings.limits.requests_at_once = 1e9;
        return settings;
      }(),
      {.handle =
           [](const Request& request) {
             if (request.path == "/ws") return Answer{.way = Answer::Way::web_socket};
             if (request.path == "/stream") return Answer{.way = Answer::Way::event_stream};
             return Answer{.response = {.body = request.method + request.path + request.body}};
           },
       .skipped = [](std::uint64_t) { return std::string("{}"); }},
      log);
  return made;
}

class Client {
 public:
  Client() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server().port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ~Client() {
    // By a reset, so that thousands of runs leave no ports in TIME_WAIT.
    const linger reset{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(fd_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;  // it has closed already, which is its right
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void finish() const { ::shutdown(fd_, SHUT_WR); }

  /// Reads until `end` has come or the other side closes.
  std::string read_to(std::string_view end) const {
    std::string all;
    std::array<char, 4096> part{};
    while (end.empty() || all.find(end) == std::string::npos) {
      pollfd ready{fd_, POLLIN, 0};
      if (::poll(&ready, 1, 60'000) != 1) std::abort();  // neither answered nor closed
      const ssize_t n = ::recv(fd_, part.data(), part.size(), 0);
      if (n <= 0) break;
      all.append(part.data(), static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  int fd_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  {
    const Client client;
    if (bytes.starts_with('W')) {
      bytes.remove_prefix(1);
      client.send(
          "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n");
      if (client.read_to("\r\n\r\n").find("101") == std::string::npos) std::abort();
    }
    client.send(bytes);
    client.finish();
    client.read_to("");
  }
  const Client next;
  next.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  if (!next.read_to("").ends_with("GET/next")) std::abort();
  return 0;
}
