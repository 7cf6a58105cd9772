// The requests of a connection: read, handled and answered.
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <iterator>

#include "net/http_server/session.hpp"

namespace weir::web {

struct Session::Reader {
  http::request_parser<http::string_body> parser;
  Request request;  ///< its head; headers in the trailer of a body do not count
};

std::string head_of(const Response& response) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nServer: weir\r\nContent-Type: {}\r\n", response.status,
                                 std::string_view(reason.data(), reason.size()), response.type);
  for (const auto& [name, value] : response.headers) {
    if (value.find_first_of("\r\n") != std::string::npos) continue;  // it would begin another header
    head += fmt::format("{}: {}\r\n", name, value);
  }
  return head;
}

void Session::read() {
  if (ended_) return;
  if (finishing_) return end();
  reader_ = std::make_shared<Reader>();
  reader_->parser.header_limit(static_cast<std::uint32_t>(server_.settings.limits.head));
  reader_->parser.body_limit(server_.settings.limits.body);
  http::async_read_header(wire_, in_, reader_->parser,
                          [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
}

/// True when a request could not be read.
bool Session::refuse_error(error_code error) {
  if (!error) return false;
  if (error == http::error::header_limit)
    refuse(431, "The request's headers are too large.");
  else if (error == http::error::body_limit)
    refuse(413, "The request's body is too large.");
  else if (error != http::error::end_of_stream && error != http::error::partial_message &&
           error.category() == http::make_error_code(http::error::bad_method).category())
    refuse(400, "This is not an HTTP request.");
  else
    end();
  return true;
}

/// Counts the body that arrives, in place of the one before.
void Session::expect_body(std::size_t size) {
  server_.arriving += size - body_size_;
  body_size_ = size;
}

void Session::on_head(error_code error) {
  if (ended_) return;
  leave_idle();
  if (refuse_error(error)) return;
  const auto& message = reader_->parser.get();
  Request& request = reader_->request;
  request.method = std::string(message.method_string());
  request.remote = remote_;
  keep_alive_ = message.keep_alive();
  if (!parse_target({message.target().data(), message.target().size()}, request))
    return refuse(400, "This is not a valid address.");
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    request.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  const auto hosts = message.equal_range(http::field::host);
  if (std::distance(hosts.first, hosts.second) > 1) return refuse(400, "There is more than one Host header.");
  if (!request.header("host") && message.version() >= 11) return refuse(400, "There is no Host header.");
  // What one program takes for a body and another for the next request would let requests be smuggled past it.
  if (const auto encoding = request.header("transfer-encoding"); encoding && *encoding != "chunked")
    return refuse(501, "The only transfer encoding here is chunked.");
  const std::size_t most = server_.settings.limits.body;
  const auto length = reader_->parser.content_length();
  const std::size_t size = reader_->parser.chunked() ? most : static_cast<std::size_t>(length ? *length : 0);
  if (size > most) return refuse(413, "The request's body is too large.");
  if (server_.arriving + size > server_.settings.limits.bodies) {
    keep_alive_ = false;
    return send_too_much("GET");
  }
  expect_body(size);
  if (request.header("expect").value_or("") != "100-continue" || size == 0) return read_body();
  queue_ += "HTTP/1.1 100 Continue\r\n\r\n";
  waits_for_body_ = true;
  flush();
}

void Session::read_body() {
  http::async_read(wire_, in_, reader_->parser,
                   [self = shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
}

void Session::on_request(error_code error) {
  if (ended_) return;
  expect_body(0);
  if (refuse_error(error)) return;
  HttpRequest message = reader_->parser.release();
  Request request = std::move(reader_->request);
  request.body = std::move(message.body());
  answer(request, std::move(message));
}

void Session::answer(Request& request, HttpRequest message) {
  const std::string method = request.method;
  const double now_s = std::chrono::duration<double>(clock::now().time_since_epoch()).count();
  if (!server_.limiter.allow(remote_, now_s)) {
    ++server_.refused;
    const Response slow{.status = 429, .body = "Too many requests.\n", .headers = {{"Retry-After", "5"}}};
    return respond(slow, method);
  }
  ++server_.requests;
  Answer answer;
  try {
    answer = server_.hooks.handle(request);
  } catch (const std::exception& problem) {
    server_.log.warn(fmt::format("{} {}: {}", method, request.path, problem.what()));
    answer.response = {.status = 500, .body = "Something went wrong here.\n"};
  }
  switch (answer.way) {
    case Answer::Way::respond:
      return respond(answer.response, method);
    case Answer::Way::later:
      return wait_for_answer(answer.ticket, method);
    case Answer::Way::event_stream:
      return stream_events();
    case Answer::Way::web_socket:
      greeting_ = std::move(answer.greeting);
      return upgrade(std::move(message), method);
  }
}

void Session::wait_for_answer(std::uint64_t ticket, std::string_view method) {
  ticket_ = ticket;
  head_only_ = method == "HEAD";
  reader_.reset();
  deadline_ = clock::now() + server_.settings.limits.answer_time;
  server_.waiting.emplace(ticket, this);
}

void Session::answer_later(const Response& response) {
  server_.waiting.erase(*ticket_);
  ticket_.reset();
  send(response, head_only_ ? "HEAD" : "POST");  // whatever its size: what was taken must not be called refused
}

/// The answer has taken too long, or the server ends.
void Session::give_up(clock::time_point now) {
  if (const auto response = server_.hooks.give_up ? server_.hooks.give_up(*ticket_) : std::nullopt)
    return answer_later(*response);
  deadline_ = now + server_.settings.limits.answer_time;
}

void Session::refuse(int status, std::string_view reason) {
  ++server_.refused;
  keep_alive_ = false;
  respond({.status = status, .body = std::string(reason) + "\n"}, "GET");
}

/// One address may have half of the memory, so that something is left for the others.
bool Session::may_answer(std::size_t size) const {
  const std::size_t most = server_.settings.limits.answers;
  return server_.answering + size <= most && server_.shares.at(remote_).answering + size <= most / 2;
}

/// Puts the answer on its way, in place of the one before.
void Session::count_answer(std::size_t size) {
  Server::Impl::Share& share = server_.shares.at(remote_);
  server_.answering += size - answer_size_;
  share.answering += size - answer_size_;
  answer_size_ = size;
}

void Session::respond(const Response& response, std::string_view method) {
  // A client that asks for much and reads little must not fill the memory.
  if (!may_answer(response.body.size()) && response.status != 503) return send_too_much(method);
  report_error(response);
  send(response, method);
}

/// The answer where memory for bodies or answers is used up.
void Session::send_too_much(std::string_view method) {
  ++server_.refused;
  const Response response{.status = 503, .body = "Too much at once.\n", .headers = {{"Retry-After", "2"}}};
  report_error(response);
  send(response, method);
}

void Session::report_error(const Response& response) {
  if (response.status >= 400 && server_.hooks.refused) server_.hooks.refused(response, remote_);
}

void Session::send(const Response& response, std::string_view method) {
  if (finishing_) keep_alive_ = false;
  count_answer(response.body.size());
  queue_ += head_of(response);
  queue_ += fmt::format("Content-Length: {}\r\nConnection: {}\r\n\r\n", response.body.size(),
                        keep_alive_ ? "keep-alive" : "close");
  if (method != "HEAD") queue_ += response.body;
  reader_.reset();
  flush();
}

}  // namespace weir::web
