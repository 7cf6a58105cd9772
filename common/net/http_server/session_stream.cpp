// The streams: Server-Sent Events and WebSocket.
#include <boost/beast/websocket.hpp>

#include "net/http_server/session.hpp"

namespace weir::web {

namespace websocket = boost::beast::websocket;

namespace {

/// Limits of what a WebSocket client may send, though nothing it sends is used.
constexpr std::size_t longest_message = 4096;
constexpr std::uint64_t most_received = 100;  ///< messages a second

}  // namespace

// What Beast asks of a layer when a WebSocket ends.
inline void beast_close_socket(Wire& wire) { wire.session().close_socket(); }

template <typename Handler>
void async_teardown(beast::role_type, Wire& wire, Handler&& handler) {
  asio::post(wire.get_executor(), beast::bind_handler(std::forward<Handler>(handler), error_code{}));
}

struct Session::WebSocket {
  explicit WebSocket(Wire& wire) : stream(wire) {}
  websocket::stream<Wire> stream;
};

void Session::pump() {
  if (sending_ || ended_ || goodbye_sent_ || !streaming_) return;
  const std::size_t chunk = std::clamp(all_chunks / (server_.streams.size() + 1), least_chunk, most_chunk);
  position_ = std::max(position_, server_.feed.begin());
  while (queue_.size() < chunk && position_ < server_.feed.end()) take(server_.feed.at(position_++));
  if (finishing_ && position_ == server_.feed.end() && queue_.empty()) return say_goodbye();
  flush();
}

void Session::stream_events() {
  queue_ += head_of({.type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}});
  queue_ += "Connection: close\r\n\r\n";
  reader_.reset();
  join(Answer::Way::event_stream);
  begin_stream();
  watch();
}

/// Reads and drops what the client of an event stream sends, to notice when it is gone.
void Session::watch() {
  in_.clear();
  read_some(in_.prepare(512), [self = shared_from_this()](error_code error, std::size_t) {
    if (self->ended_) return;
    if (error) return self->end();
    self->watch();
  });
}

void Session::upgrade(HttpRequest message, std::string_view method) {
  if (!websocket::is_upgrade(message))
    return respond({.status = 426, .body = "This is a WebSocket.\n", .headers = {{"Upgrade", "websocket"}}}, method);
  reader_.reset();
  socket_.set_option(tcp::no_delay(true));
  web_socket_ = std::make_shared<WebSocket>(wire_);
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = server_.settings.limits.request_time;
  timeouts.idle_timeout = 2 * server_.settings.limits.idle_time;
  timeouts.keep_alive_pings = true;
  web_socket_->stream.set_option(timeouts);
  web_socket_->stream.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& response) { response.set(http::field::server, "weir"); }));
  web_socket_->stream.read_message_max(longest_message);
  const auto request = std::make_shared<HttpRequest>(std::move(message));  // it must outlive the handshake
  join(Answer::Way::web_socket);  // the client may know of the handshake before we do
  web_socket_->stream.async_accept(*request, [self = shared_from_this(), request](error_code error) {
    if (self->ended_) return;
    if (error) {
      ++self->server_.refused;
      return self->end();
    }
    self->in_.clear();
    self->begin_stream();
    self->listen();
  });
}

/// Reads and drops the client's messages; too many of them end the connection.
void Session::listen() {
  web_socket_->stream.async_read(in_, [self = shared_from_this()](error_code error, std::size_t) {
    if (self->ended_) return;
    if (error || ++self->received_ > most_received) return self->end();
    self->in_.consume(self->in_.size());
    self->listen();
  });
}

void Session::join(Answer::Way way) {
  {
    // From here on messages are kept for this client: it misses none and gets none twice.
    const std::lock_guard lock(server_.mutex);
    ++server_.stream_count;
    for (Message& each : server_.pending) server_.feed.add(std::move(each));
    server_.pending.clear();
    server_.pending_bytes = 0;
    next_ = server_.published;
  }
  stream_ = way;
  position_ = server_.feed.end();
  stream_place_ = server_.streams.insert(server_.streams.end(), this);
}

/// Sends what has come since join(), and from now on what comes.
void Session::begin_stream() {
  streaming_ = true;
  progress_ = clock::now();
  if (greeting_) append_text("", greeting_(next_));
  pump();
}

void Session::append_text(std::string_view event, std::string_view text) {
  if (stream_ == Answer::Way::web_socket)
    append_frame(queue_, text);
  else
    append_event(queue_, event, text);
}

void Session::take(const Message& message) {
  if (message.ordinal > next_) {
    server_.skipped += message.ordinal - next_;
    append_text("notice", server_.hooks.skipped(message.ordinal - next_));
  }
  next_ = message.ordinal + (message.kind == MessageKind::record ? 1 : 0);
  append_text(message.kind == MessageKind::record ? "" : "notice", message.bytes);
  ++server_.sent;
}

void Session::say_goodbye() {
  goodbye_sent_ = true;
  if (stream_ == Answer::Way::web_socket) {
    web_socket_->stream.async_close(websocket::close_code::going_away,
                                    [self = shared_from_this()](error_code) { self->end(); });
  } else {
    linger();
  }
}

}  // namespace weir::web
