// Of this room alone: a client's connection. Requests, streams and the connection itself stand in a file each, so that
// Beast's parser and its WebSocket are compiled once.
#pragma once
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http_server/server_impl.hpp"
#include "net/http_server/wire.hpp"

namespace weir::web {

namespace beast = boost::beast;
namespace http = boost::beast::http;

/// Bytes handed to a client's socket at a time; less when there are many clients, so that all of them have a bound.
constexpr std::size_t most_chunk = 64 << 10;
constexpr std::size_t least_chunk = 4 << 10;
constexpr std::size_t all_chunks = 16 << 20;

/// The status line and headers of a response, up to Content-Length.
std::string head_of(const Response& response);

/// One connection: requests one after the other, until one of them makes it a stream.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Server::Impl& server, tcp::socket socket, std::string remote);

  /// Begins with the TLS handshake or the first request; `place` is this session's in the server's list.
  void start(std::list<std::shared_ptr<Session>>::iterator place);
  /// Sends more of the stream when nothing is on its way.
  void pump();
  /// Sends the rest of the stream, then closes the connection: the server stops.
  void finish();
  /// Ends a connection that has been too slow; called once a second.
  void sweep(clock::time_point now);
  /// Closes the connection at once and leaves the server's lists.
  void end();
  /// The answer that was to come later.
  void answer_later(const Response& response);

  /// The address that limits count by.
  const std::string& address() const { return remote_; }

  // For Wire.
  Executor executor() { return server_.io.get_executor(); }
  void close_socket();
  template <typename Buffers, typename Handler>
  void read_some(const Buffers& buffers, Handler&& handler);
  template <typename Buffers, typename Handler>
  void write_some(const Buffers& buffers, Handler&& handler);

 private:
  using HttpRequest = http::request<http::string_body>;
  struct Reader;     ///< Beast's parser of one request
  struct WebSocket;  ///< Beast's WebSocket over wire_

  bool is_stream() const { return stream_ != Answer::Way::respond; }
  void wait_for_answer(std::uint64_t ticket, std::string_view method);
  void give_up(clock::time_point now);
  void become_idle();
  void leave_idle();

  // Requests.
  void read();
  void on_head(error_code error);
  void read_body();
  void on_request(error_code error);
  bool refuse_error(error_code error);
  void expect_body(std::size_t size);
  void answer(Request& request, HttpRequest message);
  void refuse(int status, std::string_view reason);
  bool may_answer(std::size_t size) const;
  void count_answer(std::size_t size);
  void respond(const Response& response, std::string_view method);
  void send_too_much(std::string_view method);
  void report_error(const Response& response);
  void send(const Response& response, std::string_view method);

  // Streams.
  void stream_events();
  void watch();
  void upgrade(HttpRequest message, std::string_view method);
  void listen();
  void join(Answer::Way way);
  void begin_stream();
  void append_text(std::string_view event, std::string_view text);
  void take(const Message& message);
  void say_goodbye();

  // Writing, and the end of a connection.
  void flush();
  void write();
  void on_written(error_code error, std::size_t size);
  void drained();
  void linger();
  void swallow();

  Server::Impl& server_;
  tcp::socket socket_;
  std::unique_ptr<asio::ssl::stream<tcp::socket&>> tls_;
  std::string remote_;
  Wire wire_;
  beast::flat_buffer in_;
  std::shared_ptr<Reader> reader_;  ///< while a request arrives; shared_ptr, as the type is incomplete here
  std::shared_ptr<WebSocket> web_socket_;
  std::function<std::string(std::uint64_t)> greeting_;
  clock::time_point deadline_{};
  clock::time_point progress_{};
  std::list<std::shared_ptr<Session>>::iterator session_place_{};
  std::list<Session*>::iterator stream_place_{};
  std::list<Session*>::iterator idle_place_{};
  std::string queue_;  ///< to be sent next
  std::string out_;    ///< being sent
  std::size_t done_ = 0;
  std::size_t answer_size_ = 0;
  std::size_t body_size_ = 0;  ///< of the body that arrives, as announced
  std::unique_ptr<WriteDone> write_done_;
  Answer::Way stream_ = Answer::Way::respond;
  std::uint64_t position_ = 0;           ///< in the feed
  std::uint64_t next_ = 0;               ///< the ordinal of the next record
  std::uint64_t received_ = 0;           ///< messages of a WebSocket client in this second
  std::optional<std::uint64_t> ticket_;  ///< the answer comes later
  bool waits_for_body_ = false;          ///< 100 Continue is on its way
  bool head_only_ = false;               ///< of the request that is answered later
  bool idle_ = false;
  bool keep_alive_ = true;
  bool sending_ = false;
  bool ended_ = false;
  bool streaming_ = false;  ///< the stream's beginning, such as a handshake, is sent
  bool finishing_ = false;
  bool goodbye_sent_ = false;
};

template <typename Buffers, typename Handler>
void Session::read_some(const Buffers& buffers, Handler&& handler) {
  if (tls_)
    tls_->async_read_some(buffers, std::forward<Handler>(handler));
  else
    socket_.async_read_some(buffers, std::forward<Handler>(handler));
}

template <typename Buffers, typename Handler>
void Session::write_some(const Buffers& buffers, Handler&& handler) {
  const std::size_t size = asio::buffer_size(buffers);
  for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i) {
    const asio::const_buffer part = *i;
    queue_.append(static_cast<const char*>(part.data()), part.size());
  }
  write_done_ = std::make_unique<WriteDoneOf<std::decay_t<Handler>>>(std::forward<Handler>(handler), size);
  asio::post(server_.io, [self = shared_from_this()] { self->flush(); });
}

inline Wire::executor_type Wire::get_executor() noexcept { return session_->executor(); }

template <typename Buffers, typename Handler>
void Wire::async_read_some(const Buffers& buffers, Handler&& handler) {
  session_->read_some(buffers, std::forward<Handler>(handler));
}

template <typename Buffers, typename Handler>
void Wire::async_write_some(const Buffers& buffers, Handler&& handler) {
  session_->write_some(buffers, std::forward<Handler>(handler));
}

}  // namespace weir::web
