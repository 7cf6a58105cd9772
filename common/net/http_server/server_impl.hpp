// Of this room alone: the server's state. Beast itself is included only where a session needs it.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>  // before Boost 1.74's headers, which use std::exchange without it

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "net/http_server/feed.hpp"
#include "net/http_server/server.hpp"

namespace weir::web {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;

/// Messages that the input's thread may be ahead of the server's.
constexpr std::size_t most_pending = 4 << 20;

class Session;

struct Server::Impl {
  Impl(Settings given, Hooks given_hooks, Log& messages);
  void listen();
  void accept();
  void admit(tcp::socket socket);
  void sweep();
  void wake();
  void drain();
  void begin_closing();
  void publish(MessageKind kind, std::string_view bytes);
  void reply(std::uint64_t ticket, const Response& response);
  bool make_room();
  bool make_room(const std::string& address);

  Settings settings;
  Hooks hooks;
  Log& log;
  asio::io_context io{1};
  tcp::acceptor acceptor{io};
  asio::steady_timer timer{io};
  asio::steady_timer accept_pause{io};
  std::unique_ptr<asio::ssl::context> tls;
  std::list<std::shared_ptr<Session>> sessions;
  std::list<Session*> streams;
  std::list<Session*> idle;  ///< sessions that wait for a request, the longest wait first
  struct Share {
    std::size_t connections = 0;
    std::size_t answering = 0;  ///< bytes of answers on their way
  };
  std::unordered_map<std::string, Share> shares;  ///< of addresses with connections
  Feed feed;
  RateLimiter limiter;
  std::size_t answering = 0;                            ///< bytes of answers on their way
  std::size_t arriving = 0;                             ///< bytes of bodies that arrive, as announced
  std::unordered_map<std::uint64_t, Session*> waiting;  ///< by ticket, sessions whose answers come later
  bool closing = false;
  clock::time_point closing_deadline{};
  std::atomic<std::uint64_t> connections{0}, stream_count{0}, requests{0}, refused{0}, sent{0}, skipped{0},
      feed_bytes{0};

  // What goes from the input's thread to the server's.
  std::mutex mutex;
  std::vector<Message> pending;
  std::size_t pending_bytes = 0;
  std::uint64_t published = 0;
  bool woken = false;
  clock::time_point oldest{};

  std::thread thread;
  bool stopped = false;
};

}  // namespace weir::web
