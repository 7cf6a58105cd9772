// The life of a connection: its start, its writes and its end.
#include "net/http_server/session.hpp"

#include <boost/asio/post.hpp>

namespace weir::web {

Session::Session(Server::Impl& server, tcp::socket socket, std::string remote)
    : server_(server), socket_(std::move(socket)), remote_(std::move(remote)), wire_(*this) {}

void Session::start(std::list<std::shared_ptr<Session>>::iterator place) {
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

void Session::finish() {
  finishing_ = true;
  if (stream_ == Answer::Way::respond) {
    if (idle_) end();
    if (ticket_) give_up(clock::now());
    return;
  }
  pump();
}

void Session::sweep(clock::time_point now) {
  if (ended_) return;
  received_ = 0;
  const Limits& limits = server_.settings.limits;
  if (sending_ && now - progress_ > limits.write_time) {
    ++server_.refused;
    return end();
  }
  if (stream_ == Answer::Way::event_stream && !sending_ && now - progress_ > std::chrono::seconds(15)) {
    queue_ += ":\n\n";  // a comment of SSE: only a write shows whether the client is still there
    flush();
  }
  if (stream_ != Answer::Way::respond || sending_ || now < deadline_) return;
  if (ticket_) return give_up(now);
  end();
}

void Session::end() {
  if (ended_) return;
  ended_ = true;
  count_answer(0);
  expect_body(0);
  if (const auto share = server_.shares.find(remote_); --share->second.connections == 0) server_.shares.erase(share);
  leave_idle();
  if (ticket_) server_.waiting.erase(*ticket_);
  if (is_stream()) {
    server_.streams.erase(stream_place_);
    --server_.stream_count;
  }
  close_socket();
  if (auto done = std::move(write_done_))
    asio::post(server_.io, [self = shared_from_this(), shared = std::shared_ptr<WriteDone>(std::move(done))] {
      shared->call(asio::error::operation_aborted);
    });
  const auto self = shared_from_this();  // the list may hold the last reference
  server_.sessions.erase(session_place_);
  --server_.connections;
}

void Session::close_socket() {
  error_code ignored;
  socket_.close(ignored);
}

void Session::become_idle() {
  if (idle_) return;
  idle_ = true;
  idle_place_ = server_.idle.insert(server_.idle.end(), this);
}

void Session::leave_idle() {
  if (!idle_) return;
  idle_ = false;
  server_.idle.erase(idle_place_);
}

void Session::flush() {
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

void Session::write() {
  const auto rest = asio::buffer(out_.data() + done_, out_.size() - done_);
  auto handler = [self = shared_from_this()](error_code error, std::size_t size) { self->on_written(error, size); };
  if (tls_)
    tls_->async_write_some(rest, std::move(handler));
  else
    socket_.async_write_some(rest, std::move(handler));
}

void Session::on_written(error_code error, std::size_t size) {
  if (ended_) return;
  if (error) return end();
  progress_ = clock::now();
  done_ += size;
  if (done_ < out_.size()) return write();
  sending_ = false;
  out_.clear();
  if (out_.capacity() > least_chunk) std::string().swap(out_);  // an idle client must hold no memory
  if (!queue_.empty()) return flush();
  drained();
}

void Session::drained() {
  if (std::exchange(waits_for_body_, false)) return read_body();
  count_answer(0);
  if (auto done = std::move(write_done_)) done->call({});
  if (ended_) return;
  if (streaming_) {
    if (!goodbye_sent_ && (position_ < server_.feed.end() || finishing_)) pump();
    return;
  }
  if (web_socket_) return;  // the handshake is under way
  if (!keep_alive_) return linger();
  deadline_ = clock::now() + server_.settings.limits.idle_time;
  become_idle();
  read();
}

/// Closes our half and waits up to two seconds for the client's, so that no reset cuts off what was sent last.
void Session::linger() {
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

/// Reads and drops what the client still sends.
void Session::swallow() {
  in_.clear();
  socket_.async_read_some(in_.prepare(4096), [self = shared_from_this()](error_code error, std::size_t) {
    if (self->ended_) return;
    if (error) return self->end();
    self->swallow();
  });
}

}  // namespace weir::web
