#include "net/http/client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "catch.hpp"

using namespace weir::http;
using namespace std::chrono_literals;

namespace {

/// A local port: bound, and listening on request; connections are never answered.
struct Port {
  int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  int number = 0;
  explicit Port(bool listens) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    if (listens) REQUIRE(::listen(fd, 8) == 0);
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    number = ::ntohs(address.sin_port);
  }
  ~Port() { ::close(fd); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(number) + "/x?appid=secret"; }
};

std::vector<Client::Finished> run(Client& client) {
  std::vector<Client::Finished> done;
  client.perform(done);
  while (client.pending() > 0) {
    client.wait({}, 1000ms);
    client.perform(done);
  }
  return done;
}

}  // namespace

TEST_CASE("no server, no answer, and forbidden URLs") {
  const Port closed(false);
  const Port silent(true);
  Client client({});
  client.start(1, {.url = closed.url()});
  client.start(2, {.url = silent.url(), .timeout = 50ms});
  client.start(3, {.url = "file:///etc/passwd?appid=secret"});
  const auto done = run(client);
  REQUIRE(done.size() == 3);
  for (const auto& [id, response] : done) {
    CAPTURE(id, response.error);
    CHECK(response.status == 0);
    CHECK(response.body.empty());
    CHECK(response.error.find("secret") == std::string::npos);
    if (id == 1) CHECK(response.failure == Failure::connect);
    if (id == 1) CHECK(response.error == "cannot connect to 127.0.0.1 port " + std::to_string(closed.number));
    if (id == 2) CHECK(response.failure == Failure::timeout);
    if (id == 2) CHECK(response.error == "no whole answer within 50ms");
    if (id == 3) CHECK(response.failure == Failure::other);
  }
}

TEST_CASE("no more connections than allowed, and those that wait lose none of their time") {
  const Port silent(true);
  Client client({.max_connections = 2});
  for (Client::Id id = 0; id < 5; ++id) client.start(id, {.url = silent.url(), .timeout = 300ms});
  CHECK(client.pending() == 5);
  std::vector<Client::Finished> done;
  client.perform(done);
  std::size_t most = 0;
  while (client.pending() > 0) {
    client.wait({}, 1000ms);
    const std::size_t before = done.size();
    client.perform(done);
    most = std::max(most, done.size() - before);
  }
  CHECK(done.size() == 5);
  CHECK(most <= 2);
  for (const auto& each : done) CHECK(each.response.failure == Failure::timeout);
}

TEST_CASE("a wait ends when a descriptor of the caller's has something to tell") {
  Client client({});
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  std::array<pollfd, 2> also{{{pipe[0], POLLIN, 0}, {pipe[1], 0, 0}}};
  client.wait(also, 0ms);
  CHECK(also[0].revents == 0);
  CHECK(also[1].revents == 0);
  REQUIRE(::write(pipe[1], "x", 1) == 1);
  client.wait(also, -1ms);
  CHECK(also[0].revents == POLLIN);
  ::close(pipe[0]);
  std::array<pollfd, 1> writer{{{pipe[1], 0, 0}}};
  client.wait(writer, -1ms);
  CHECK((writer[0].revents & POLLERR) != 0);
  ::close(pipe[1]);
}

TEST_CASE("of headers with one name the last counts") {
  const Response response{
      .status = 200, .headers = {{"retry-after", "1"}, {"x", ""}, {"retry-after", "2"}}, .body = {}, .error = {}};
  CHECK(response.header("retry-after") == "2");
  CHECK(response.header("x") == "");
  CHECK_FALSE(response.header("none").has_value());
}
