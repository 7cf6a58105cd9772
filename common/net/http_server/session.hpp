// Of this room alone: a client's connection.
#pragma once
#include "net/http_server/server_impl.hpp"
#include "net/http_server/wire.hpp"

namespace weir::web {

/// What is handed to a client's socket at a time; less when there are many clients, so that all of them together have a
/// bound.
constexpr std::size_t most_chunk = 64 << 10;
constexpr std::size_t least_chunk = 4 << 10;
constexpr std::size_t all_chunks = 16 << 20;
/// A WebSocket client has nothing to say here.
constexpr std::size_t most_said = 4096;
constexpr std::uint64_t most_said_a_second = 100;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Server::Impl& server, tcp::socket socket, std::string remote)
      : server_(server), socket_(std::move(socket)), remote_(std::move(remote)), wire_(*this) {}

  void start(std::list<std::shared_ptr<Session>>::iterator place) {
    session_place_ = place;
    deadline_ = clock::now() + server_.settings.limits.request_time;
    become_idle();
    if (server_.tls == nullptr) return read();
    tls_ = std::make_unique<asio::ssl::stream<tcp::socket&>>(socket_, *server_.tls);
    tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code error) {
      if (error) return self->end();
      self->read();
    });
  }

  Executor executor() { return server_.io.get_executor(); }

  template <typename Buffers, typename Handler>
  void read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_)
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    else
      socket_.async_read_some(buffers, std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void write_some(const Buffers& buffers, Handler&& handler) {
    const std::size_t size = asio::buffer_size(buffers);
    for (auto i = asio::buffer_sequence_begin(buffers); i != asio::buffer_sequence_end(buffers); ++i) {
      const asio::const_buffer part = *i;
      queue_.append(static_cast<const char*>(part.data()), part.size());
    }
    write_done_ = std::make_unique<WriteDoneOf<std::decay_t<Handler>>>(std::forward<Handler>(handler), size);
    asio::post(server_.io, [self = shared_from_this()] { self->flush(); });
  }

  /// Sends more of the stream when nothing is on its way.
  void pump() {
    if (sending_ || ended_ || goodbye_said_ || stream_ == Answer::Way::respond) return;
    const std::size_t chunk = std::clamp(all_chunks / (server_.streams.size() + 1), least_chunk, most_chunk);
    position_ = std::max(position_, server_.feed.begin());
    while (queue_.size() < chunk && position_ < server_.feed.end()) take(server_.feed.at(position_++));
    if (finishing_ && position_ == server_.feed.end() && queue_.empty()) return say_goodbye();
    flush();
  }

  /// The server stops: the rest of the stream goes out, then the connection is closed.
  void finish() {
    finishing_ = true;
    if (stream_ == Answer::Way::respond) {
      if (idle_) end();
      return;
    }
    pump();
  }

  /// Once a second.
  void sweep(clock::time_point now) {
    if (ended_) return;
    said_ = 0;
    const Limits& limits = server_.settings.limits;
    if (sending_ && now - progress_ > limits.write_time) {
      ++server_.refused;
      return end();
    }
    if (stream_ == Answer::Way::event_stream && !sending_ && now - progress_ > std::chrono::seconds(15)) {
      queue_ += ":\n\n";  // a comment: whether the other side is still there is seen by writing
      flush();
    }
    if (stream_ == Answer::Way::respond && !sending_ && now >= deadline_) end();
  }

  bool is_stream() const { return stream_ != Answer::Way::respond; }

  void end() {
    if (ended_) return;
    ended_ = true;
    server_.answering -= std::exchange(answer_size_, 0);
    leave_idle();
    if (is_stream()) {
      server_.streams.erase(stream_place_);
      --server_.stream_count;
    }
    close_socket();
    if (auto done = std::move(write_done_))
      asio::post(server_.io, [self = shared_from_this(), shared = std::shared_ptr<WriteDone>(std::move(done))] {
        shared->call(asio::error::operation_aborted);
      });
    const auto self = shared_from_this();  // the list may hold the last one
    server_.sessions.erase(session_place_);
    --server_.connections;
  }

  void close_socket() {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  void become_idle() {
    if (idle_) return;
    idle_ = true;
    place_ = server_.idle.insert(server_.idle.end(), this);
  }
  void leave_idle() {
    if (!idle_) return;
    idle_ = false;
    server_.idle.erase(place_);
  }

  void read() {
    if (ended_) return;
    if (finishing_) return end();
    const Limits& limits = server_.settings.limits;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits.head));
    parser_->body_limit(limits.body);
    http::async_read(wire_, in_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
  }

  void on_request(error_code error) {
    if (ended_) return;
    leave_idle();
    if (error) {
      if (error == http::error::header_limit) return refuse(431, "The request's headers are too large.");
      if (error == http::error::body_limit) return refuse(413, "The request's body is too large.");
      if (error == http::error::end_of_stream || error == http::error::partial_message) return end();
      if (error.category() == http::make_error_code(http::error::bad_method).category())
        return refuse(400, "This is no HTTP request.");
      return end();
    }
    const auto& message = parser_->get();
    Request request;
    request.method = std::string(message.method_string());
    request.remote = remote_;
    keep_alive_ = message.keep_alive();
    if (!parse_target({message.target().data(), message.target().size()}, request))
      return refuse(400, "This is no address.");
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    if (!request.header("host") && message.version() >= 11) return refuse(400, "There is no Host header.");
    request.body = message.body();
    const double now_s = std::chrono::duration<double>(clock::now().time_since_epoch()).count();
    if (!server_.limiter.allow(remote_, now_s)) {
      ++server_.refused;
      Response slow{.status = 429, .body = "Too many requests.\n", .headers = {{"Retry-After", "5"}}};
      return respond(slow, request.method);
    }
    ++server_.requests;
    Answer answer;
    try {
      answer = server_.hooks.handle(request);
    } catch (const std::exception& problem) {
      server_.hooks.warn(fmt::format("{} {}: {}", request.method, request.path, problem.what()));
      answer.response = {.status = 500, .body = "Something went wrong here.\n"};
    }
    switch (answer.way) {
      case Answer::Way::respond:
        return respond(answer.response, request.method);
      case Answer::Way::event_stream:
        return stream_events();
      case Answer::Way::web_socket:
        break;
    }
    if (!websocket::is_upgrade(message))
      return respond({.status = 426, .body = "This is a WebSocket.\n", .headers = {{"Upgrade", "websocket"}}},
                     request.method);
    greeting_ = std::move(answer.greeting);
    upgrade();
  }

  void refuse(int status, std::string_view why) {
    ++server_.refused;
    keep_alive_ = false;
    respond({.status = status, .body = std::string(why) + "\n"}, "GET");
  }

  static std::string head_of(const Response& response) {
    std::string head =
        fmt::format("HTTP/1.1 {} {}\r\nServer: weir\r\nContent-Type: {}\r\n", response.status,
                    std::string_view(http::obsolete_reason(static_cast<http::status>(response.status)).data(),
                                     http::obsolete_reason(static_cast<http::status>(response.status)).size()),
                    response.type);
    for (const auto& [name, value] : response.headers) {
      if (value.find_first_of("\r\n") != std::string::npos) continue;  // never another header
      head += fmt::format("{}: {}\r\n", name, value);
    }
    return head;
  }

  void respond(const Response& response, std::string_view method) {
    if (finishing_) keep_alive_ = false;
    // Clients that ask for much and read little must not pile it up here.
    if (server_.answering + response.body.size() > server_.settings.limits.answers && response.status != 503) {
      ++server_.refused;
      return respond({.status = 503, .body = "Too much at once.\n", .headers = {{"Retry-After", "2"}}}, method);
    }
    answer_size_ = response.body.size();
    server_.answering += answer_size_;
    queue_ += head_of(response);
    queue_ += fmt::format("Content-Length: {}\r\nConnection: {}\r\n\r\n", response.body.size(),
                          keep_alive_ ? "keep-alive" : "close");
    if (method != "HEAD") queue_ += response.body;
    parser_.reset();
    flush();
  }

  void stream_events() {
    queue_ += head_of({.type = "text/event-stream", .headers = {{"Cache-Control", "no-store"}}});
    queue_ += "Connection: close\r\n\r\n";
    parser_.reset();
    join(Answer::Way::event_stream);
    watch();
  }

  /// Notices that the reader of an event stream is gone; what it says is thrown away.
  void watch() {
    in_.clear();
    read_some(in_.prepare(512), [self = shared_from_this()](error_code error, std::size_t) {
      if (self->ended_) return;
      if (error) return self->end();
      self->watch();
    });
  }

  void upgrade() {
    socket_.set_option(tcp::no_delay(true));
    socket_ws_ = std::make_unique<websocket::stream<Wire>>(wire_);
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = server_.settings.limits.request_time;
    timeouts.idle_timeout = 2 * server_.settings.limits.idle_time;
    timeouts.keep_alive_pings = true;
    socket_ws_->set_option(timeouts);
    socket_ws_->read_message_max(most_said);
    deadline_ = clock::now() + server_.settings.limits.request_time;
    auto request = std::make_shared<http::request<http::string_body>>(parser_->release());
    parser_.reset();
    socket_ws_->async_accept(*request, [self = shared_from_this(), request](error_code error) {
      if (self->ended_) return;
      if (error) {
        ++self->server_.refused;
        return self->end();
      }
      self->in_.clear();
      self->join(Answer::Way::web_socket);
      self->listen();
    });
  }

  void listen() {
    socket_ws_->async_read(in_, [self = shared_from_this()](error_code error, std::size_t) {
      if (self->ended_) return;
      if (error || ++self->said_ > most_said_a_second) return self->end();
      self->in_.consume(self->in_.size());
      self->listen();
    });
  }

  void join(Answer::Way way) {
    {
      // From here on messages are kept for this client, and none is missed or sent twice.
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
    progress_ = clock::now();
    if (greeting_) {
      append_text("", greeting_(next_));
      wants_words_ = true;
    }
    if (finishing_) return say_goodbye();
    flush();
  }

  void append_text(std::string_view event, std::string_view text) {
    if (stream_ == Answer::Way::web_socket)
      append_frame(queue_, text);
    else
      append_event(queue_, event, text);
  }

  void take(const Message& message) {
    if (message.kind == MessageKind::word && !wants_words_) return;
    if (message.ordinal > next_) {
      server_.skipped += message.ordinal - next_;
      append_text("notice", server_.hooks.skipped(message.ordinal - next_));
    }
    next_ = message.ordinal + (message.kind == MessageKind::record ? 1 : 0);
    append_text(message.kind == MessageKind::record ? "" : "notice", message.bytes);
    ++server_.sent;
  }

  void flush() {
    if (sending_ || ended_) return;
    if (queue_.empty()) {
      drained();
      return;
    }
    sending_ = true;
    out_.swap(queue_);
    done_ = 0;
    progress_ = clock::now();
    write();
  }

  void write() {
    const auto rest = asio::buffer(out_.data() + done_, out_.size() - done_);
    auto handler = [self = shared_from_this()](error_code error, std::size_t size) { self->on_written(error, size); };
    if (tls_)
      tls_->async_write_some(rest, std::move(handler));
    else
      socket_.async_write_some(rest, std::move(handler));
  }

  void on_written(error_code error, std::size_t size) {
    if (ended_) return;
    if (error) return end();
    progress_ = clock::now();
    done_ += size;
    if (done_ < out_.size()) return write();
    sending_ = false;
    out_.clear();
    if (out_.capacity() > least_chunk) std::string().swap(out_);  // an idle client holds next to nothing
    if (!queue_.empty()) return flush();
    drained();
  }

  void drained() {
    server_.answering -= std::exchange(answer_size_, 0);
    if (auto done = std::move(write_done_)) done->call({});
    if (ended_) return;
    if (is_stream()) return pump_if_more();
    if (socket_ws_) return;  // the handshake is under way
    if (!keep_alive_) return linger();
    deadline_ = clock::now() + server_.settings.limits.idle_time;
    become_idle();
    read();
  }

  void pump_if_more() {
    if (!goodbye_said_ && (position_ < server_.feed.end() || finishing_)) pump();
  }

  void say_goodbye() {
    goodbye_said_ = true;
    if (stream_ == Answer::Way::web_socket) {
      socket_ws_->async_close(websocket::close_code::going_away,
                              [self = shared_from_this()](error_code) { self->end(); });
    } else {
      linger();
    }
  }

  /// Closes our half and waits a moment for the other's, so that what was sent last is not cut off by a reset.
  void linger() {
    deadline_ = clock::now() + std::chrono::seconds(2);
    keep_alive_ = false;
    if (tls_) {
      tls_->async_shutdown([self = shared_from_this()](error_code) { self->end(); });
      return;
    }
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return end();
    if (stream_ != Answer::Way::event_stream) swallow();
  }

  void swallow() {
    in_.clear();
    socket_.async_read_some(in_.prepare(4096), [self = shared_from_this()](error_code error, std::size_t) {
      if (self->ended_) return;
      if (error) return self->end();
      self->swallow();
    });
  }

  Server::Impl& server_;
  tcp::socket socket_;
  std::unique_ptr<asio::ssl::stream<tcp::socket&>> tls_;
  std::string remote_;
  Wire wire_;
  beast::flat_buffer in_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::unique_ptr<websocket::stream<Wire>> socket_ws_;
  std::function<std::string(std::uint64_t)> greeting_;
  clock::time_point deadline_{};
  clock::time_point progress_{};
  std::list<std::shared_ptr<Session>>::iterator session_place_{};
  std::list<Session*>::iterator stream_place_{};
  std::list<Session*>::iterator place_{};  ///< among the idle
  std::string queue_;                      ///< to be sent next
  std::string out_;                        ///< being sent
  std::size_t done_ = 0;
  std::size_t answer_size_ = 0;
  std::unique_ptr<WriteDone> write_done_;
  Answer::Way stream_ = Answer::Way::respond;
  std::uint64_t position_ = 0;  ///< in the feed
  std::uint64_t next_ = 0;      ///< of records
  std::uint64_t said_ = 0;
  bool wants_words_ = false;
  bool idle_ = false;
  bool keep_alive_ = true;
  bool sending_ = false;
  bool ended_ = false;
  bool finishing_ = false;
  bool goodbye_said_ = false;
};

inline Wire::executor_type Wire::get_executor() noexcept { return session_->executor(); }

template <typename Buffers, typename Handler>
void Wire::async_read_some(const Buffers& buffers, Handler&& handler) {
  session_->read_some(buffers, std::forward<Handler>(handler));
}

template <typename Buffers, typename Handler>
void Wire::async_write_some(const Buffers& buffers, Handler&& handler) {
  session_->write_some(buffers, std::forward<Handler>(handler));
}

// What Beast asks of a layer when a WebSocket ends.
inline void beast_close_socket(Wire& wire) { wire.session().close_socket(); }

template <typename Handler>
void async_teardown(beast::role_type, Wire& wire, Handler&& handler) {
  asio::post(wire.get_executor(), beast::bind_handler(std::forward<Handler>(handler), error_code{}));
}

}  // namespace weir::web
