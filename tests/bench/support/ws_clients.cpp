// Records at a rate on standard output, and WebSocket clients that measure how long each took to reach them:
//   ws_clients PORT CLIENTS RATE SECONDS | dash-serve --listen 127.0.0.1:PORT
// Each record bears the time at which it was written. What was measured goes to standard error.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::system_clock;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

struct Client {
  int fd = -1;
  bool open = false;
  std::string data;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int connect_to(int port) {
  for (int tries = 0; tries < 200; ++tries) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::close(fd);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  fail("connect");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: ws_clients PORT CLIENTS RATE SECONDS\n"), 2;
  const int port = std::atoi(argv[1]);
  const int count = std::atoi(argv[2]);
  const double rate = std::atof(argv[3]);
  const double length = std::atof(argv[4]);
  const int epoll = ::epoll_create1(0);
  std::vector<Client> clients(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].fd = connect_to(port);
    static constexpr std::string_view hello =
        "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
        "13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n";
    if (::write(clients[i].fd, hello.data(), hello.size()) < 0) fail("write");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event);
  }
  std::atomic<int> open{0};
  std::atomic<bool> done{false};
  std::thread producer([&] {
    while (open < count) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto begin = std::chrono::steady_clock::now();
    std::uint64_t sent = 0;
    std::string lines;
    for (;;) {
      const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (passed >= length) break;
      const auto due = static_cast<std::uint64_t>(passed * rate);
      lines.clear();
      for (; sent < due; ++sent) {
        char line[200];
        std::snprintf(line, sizeof line,
                      "{\"timestamp\":\"2026-01-01T00:00:00Z\",\"sensor\":\"s%05d\",\"parameter\":\"temperature_c\","
                      "\"value\":%.2f,"
                      "\"t\":%lld}\n",
                      static_cast<int>(sent % 100), 20.0 + static_cast<double>(sent % 50) / 10,
                      static_cast<long long>(now_us()));
        lines += line;
      }
      for (std::size_t at = 0; at < lines.size();) {
        const ssize_t n = ::write(STDOUT_FILENO, lines.data() + at, lines.size() - at);
        if (n <= 0) fail("write");
        at += static_cast<std::size_t>(n);
      }
      std::this_thread::sleep_for(std::chrono::microseconds(std::max(200, static_cast<int>(1e6 / rate / 2))));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    done = true;
    std::fprintf(stderr, "sent %llu records; ", static_cast<unsigned long long>(sent));
  });
  std::vector<std::uint32_t> delays(60'000'000 / 50);  // of 50 us each, up to a minute
  std::uint64_t frames = 0;
  std::uint64_t skipped = 0;
  std::vector<char> buffer(1 << 16);
  std::vector<epoll_event> events(256);
  while (!done) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int e = 0; e < ready; ++e) {
      Client& client = clients[events[static_cast<std::size_t>(e)].data.u64];
      const ssize_t n = ::read(client.fd, buffer.data(), buffer.size());
      if (n <= 0) fail("read");
      client.data.append(buffer.data(), static_cast<std::size_t>(n));
      const std::int64_t now = now_us();
      std::string_view rest = client.data;
      if (!client.open) {
        const auto end = rest.find("\r\n\r\n");
        if (end == std::string_view::npos) continue;
        if (rest.find(" 101 ") == std::string_view::npos) fail("upgrade");
        rest.remove_prefix(end + 4);
        client.open = true;
        ++open;
      }
      while (rest.size() >= 4) {
        std::size_t size = static_cast<unsigned char>(rest[1]);
        std::size_t head = 2;
        if (size == 126) {
          size =
              static_cast<std::size_t>(static_cast<unsigned char>(rest[2])) << 8 | static_cast<unsigned char>(rest[3]);
          head = 4;
        }
        if (rest.size() < head + size) break;
        const std::string_view frame = rest.substr(head, size);
        if (const auto at = frame.rfind("\"t\":"); at != std::string_view::npos) {
          const std::int64_t took = std::max<std::int64_t>(0, now - std::atoll(frame.data() + at + 4));
          ++delays[std::min(delays.size() - 1, static_cast<std::size_t>(took / 50))];
          ++frames;
        } else if (const auto lost = frame.find("\"records\":"); lost != std::string_view::npos) {
          skipped += static_cast<std::uint64_t>(std::atoll(frame.data() + lost + 10));
        }
        rest.remove_prefix(head + size);
      }
      client.data.erase(0, client.data.size() - rest.size());
    }
  }
  producer.join();
  const auto quantile = [&](double part) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < delays.size(); ++i) {
      below += delays[i];
      if (static_cast<double>(below) >= part * static_cast<double>(frames)) return static_cast<double>(i + 1) * 0.05;
    }
    return 0.0;
  };
  std::fprintf(stderr,
               "%d clients got %llu frames, %llu skipped; record to frame p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms\n",
               count, static_cast<unsigned long long>(frames), static_cast<unsigned long long>(skipped), quantile(0.5),
               quantile(0.99), quantile(0.999));
  return 0;
}
