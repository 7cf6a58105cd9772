#include "door.hpp"

#include <stdexcept>

#include "answer.hpp"
#include "influx/precision.hpp"
#include "net/host.hpp"
#include "record/json_text.hpp"

namespace weir::http_recv {
namespace {

/// Bytes of an Idempotency-Key.
constexpr std::size_t longest_id = 1024;

bool is_known_encoding(std::string_view encoding) {
  for (const std::string_view known : {"", "identity", "gzip", "x-gzip", "deflate"})
    if (encoding == known) return true;
  return false;
}

std::vector<std::pair<std::string, std::string>> headers_of(const std::vector<std::string>& given) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const std::string& each : given) {
    const auto equals = each.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == each.size() || each.find_first_of(" \t:") < equals)
      throw std::invalid_argument("--header-field '" + each + "': expected HEADER=FIELD, such as X-Device-Id=device");
    headers.emplace_back(small_letters(each.substr(0, equals)), each.substr(equals + 1));
  }
  return headers;
}

}  // namespace

std::string small_letters(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

Door::Door(DoorSettings settings, std::vector<std::string> secrets, std::string signing_key)
    : path_text_(settings.path),
      path_(settings.path.empty() ? std::nullopt : std::optional<PathPattern>(settings.path)),
      headers_(headers_of(settings.headers)),
      signature_header_(small_letters(settings.signature_header)),
      loopback_(settings.loopback),
      logins_(std::move(secrets)),
      signing_key_(std::move(signing_key)),
      mailbox_(settings.max_queue) {}

std::vector<std::string> Door::names() const {
  std::vector<std::string> names;
  if (path_) names = path_->names();
  for (const auto& [name, field] : headers_) names.push_back(field);
  return names;
}

void Door::read_texts(const web::Request& request, std::vector<std::optional<std::string_view>>& texts) const {
  texts.clear();
  if (path_)
    for (const std::string_view value : path_->match(request.path).value_or(std::vector<std::string_view>()))
      texts.emplace_back(value);
  for (const auto& [name, field] : headers_) texts.push_back(request.header(name));
}

std::optional<web::Response> Door::refuse(const web::Request& request) const {
  const auto host = request.header("host").value_or("");
  if (const auto origin = request.header("origin")) {
    const auto scheme = origin->find("://");
    // A name of another site may lead to this machine (DNS rebinding), so here its own names alone count.
    const bool foreign = loopback_ && !net::is_this_machine(web::host_of(host));
    if (foreign || scheme == std::string_view::npos || origin->substr(scheme + 3) != host)
      return refusal(403, "pages of other sites may not send records");
  }
  if (!logins_.know(request)) {
    web::Response unknown = refusal(401, "a name and password, or a token, is needed");
    unknown.headers.emplace_back("WWW-Authenticate", "Basic realm=\"http-recv\", charset=\"UTF-8\"");
    return unknown;
  }
  if (path_ && !path_->match(request.path)) return refusal(404, "records are taken at " + path_text_);
  if (request.method != "POST" && request.method != "PUT") {
    web::Response wrong = refusal(405, "records come by POST or PUT");
    wrong.headers.emplace_back("Allow", "POST, PUT");
    return wrong;
  }
  if (!is_known_encoding(small_letters(request.header("content-encoding").value_or(""))))
    return refusal(415, "the content encodings gzip and deflate are known");
  if (!signing_key_.empty()) {
    const auto given = request.header(signature_header_);
    if (!given) return refusal(401, "the header " + signature_header_ + " with the body's signature is needed");
    if (!web::is_signature(*given, signing_key_, request.body)) return refusal(401, "the signature is wrong");
  }
  if (!influx::precision_of(request.parameter("precision").value_or("")))
    return refusal(400, "the precision is one of ns, us, ms, s, m, h and auto");
  for (const auto& [name, field] : headers_)
    if (!is_utf8(request.header(name).value_or(""))) return refusal(400, "the header " + name + " is not UTF-8");
  for (const std::string_view name : {"idempotency-key", "ce-id"})
    if (const auto id = request.header(name); id && (id->empty() || id->size() > longest_id))
      return refusal(400, "the header " + std::string(name) + " has no text, or more than 1024 bytes");
  if (!is_utf8(request.header("content-type").value_or("")))
    return refusal(400, "the header content-type is not UTF-8");
  return std::nullopt;
}

web::Answer Door::handle(web::Request& request) {
  web::Answer answer;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && request.path == "/healthz") {
    answer.response = mailbox_.stalled() ? come_again(503, "the pipe does not take records", 5)
                                         : web::Response{.type = "application/json", .body = "{\"status\":\"ok\"}\n"};
    return answer;
  }
  if (reads && request.path == "/ping") {  // by which clients of InfluxDB look for a server
    answer.response.status = 204;
    return answer;
  }
  if (auto refused = refuse(request)) {
    answer.response = std::move(*refused);
    return answer;
  }
  answer.ticket = next_ticket_++;
  if (mailbox_.put({.ticket = answer.ticket, .request = std::move(request)}))
    answer.way = web::Answer::Way::later;
  else
    answer.response = come_again(503, "the pipe does not keep up: send this again", 2);
  return answer;
}

std::optional<web::Response> Door::give_up(std::uint64_t ticket) {
  const auto stage = mailbox_.withdraw(ticket);
  if (!stage) return std::nullopt;
  if (*stage == requests::Stage::waiting) return come_again(503, "the pipe does not keep up: send this again", 5);
  if (*stage == requests::Stage::taken) return refusal(504, "the records are not safe yet: they may still be written");
  web::Response stored{.status = 202, .type = "application/json"};
  stored.body = "{\"status\":\"stored; the sink has not committed it yet\"}\n";
  return stored;
}

}  // namespace weir::http_recv
