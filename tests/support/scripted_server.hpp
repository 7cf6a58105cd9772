// A server over HTTP for unit tests, on loopback.
#pragma once
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"

namespace weir {

/// A server that gives the answers it was made with, one to each request, and keeps the requests.
class ScriptedServer {
 public:
  struct Answer {
    int status;  ///< 0: the connection is closed without an answer
    std::string body;
    std::string header = {};  ///< one more of them, such as `ETag: "x"`
  };

  explicit ScriptedServer(std::vector<Answer> answers) : answers_(std::move(answers)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(fd_, 8) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
    thread_ = std::thread([this] {
      for (const Answer& answer : answers_) serve(answer);
    });
  }
  ~ScriptedServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const std::string& url() const { return url_; }
  /// The requests, once every answer has been given.
  const std::vector<std::string>& requests() {
    ::shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return requests_;
  }

 private:
  static bool complete(const std::string& request) {
    const auto head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = request.find("Content-Length: ");
    return length == std::string::npos || request.size() >= head + 4 + std::stoul(request.substr(length + 16));
  }

  void serve(const Answer& answer) {
    const int peer = ::accept(fd_, nullptr, nullptr);
    if (peer < 0) return;
    std::string request;
    char buffer[4096];
    for (ssize_t size = 1; !complete(request) && size > 0;) {
      size = ::recv(peer, buffer, sizeof buffer, 0);
      if (size > 0) request.append(buffer, static_cast<std::size_t>(size));
    }
    requests_.push_back(request);
    if (answer.status != 0) {
      const std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                               " X\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n" + answer.header +
                               (answer.header.empty() ? "" : "\r\n") + "\r\n" + answer.body;
      static_cast<void>(::send(peer, text.data(), text.size(), MSG_NOSIGNAL));
    }
    ::close(peer);
  }

  int fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::vector<Answer> answers_;
  std::string url_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace weir
