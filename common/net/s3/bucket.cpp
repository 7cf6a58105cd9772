#include "net/s3/bucket.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "net/http/retry.hpp"
#include "net/http/url.hpp"
#include "net/s3/answer.hpp"
#include "net/s3/parts.hpp"
#include "time/duration.hpp"

namespace weir::s3 {
namespace {

using Method = http::Request::Method;
constexpr Duration first_pause = std::chrono::milliseconds(200);
constexpr Duration longest_pause = std::chrono::seconds(30);
constexpr std::chrono::milliseconds longest_timeout = std::chrono::minutes(10);
constexpr std::uint64_t bytes_a_second = 256 << 10;

/// A key as a URL's path, as it is signed.
std::string path_of(std::string_view key) {
  std::string path;
  while (!key.empty()) {
    const auto slash = key.find('/');
    path += '/' + http::encode(key.substr(0, slash));
    key.remove_prefix(slash == std::string_view::npos ? key.size() : slash + 1);
    if (slash != std::string_view::npos && key.empty()) path += '/';
  }
  return path;
}

/// Whether the server may give another answer later.
bool is_passing(const http::Response& response, bool posted) {
  switch (response.failure) {
    case http::Failure::none:
      break;
    case http::Failure::tls:
    case http::Failure::too_large:
    case http::Failure::not_allowed:
      return false;
    default:
      return true;
  }
  // Completing an upload may fail after its answer has begun.
  if (posted && response.status == 200 && response.body.find("<Error>") != std::string::npos) {
    const std::string code = error_code(response.body);
    return code != "PreconditionFailed" && code != "NoSuchUpload" && code != "AccessDenied";
  }
  if (response.status == 501) return false;
  return response.status >= 500 || response.status == 429 || response.status == 409 || response.status == 408 ||
         (response.status == 400 && error_code(response.body) == "RequestTimeout");
}

}  // namespace

std::string problem_of(const http::Response& response) {
  if (response.failure != http::Failure::none) return response.error;
  const std::string text = error_text(response.body);
  return fmt::format("the answer is {}{}{}", response.status, text.empty() ? "" : " ", text);
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 is not to be had from OpenSSL");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
  return hex;
}

Bucket::Bucket(Settings settings, Log& log, Stop stop)
    : settings_(std::move(settings)),
      log_(log),
      stop_(std::move(stop)),
      client_({.max_connections = 1, .user_agent = "weir-s3", .ca_file = settings_.ca_file}),
      back_off_(first_pause, longest_pause, std::random_device{}()) {}

/// `query` is encoded and sorted by name. What is put without one is an object, and gets its digest.
http::Request Bucket::request(Method method, const std::string& key, std::string_view bytes,
                              const std::string& query) const {
  http::Request made;
  made.url = settings_.url + path_of(key) + (query.empty() ? "" : "?" + query);
  made.timeout = settings_.timeout + std::chrono::seconds(bytes.size() / bytes_a_second);
  made.method = method;
  made.put_body = bytes;
  const std::string digest = sha256(bytes);
  made.headers.push_back("x-amz-content-sha256: " + digest);
  if (method == Method::put) {
    // Each header here is signed, so none may be one that libcurl leaves out, such as an empty Expect.
    made.headers.emplace_back("Content-Type: application/octet-stream");
    if (query.empty()) made.headers.push_back(fmt::format("{}: {}", digest_header, digest));
  }
  if (!settings_.credentials.token.empty())
    made.headers.push_back("x-amz-security-token: " + settings_.credentials.token);
  made.signature =
      http::AwsSignature{settings_.region, "s3", settings_.credentials.key_id, settings_.credentials.secret};
  return made;
}

/// Waits until then, or the run is to stop.
void Bucket::wait(clock::time_point until) {
  constexpr std::chrono::milliseconds slice{200};
  std::vector<pollfd> also = stopping_ ? std::vector<pollfd>() : stop_.descriptors;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  client_.wait(also, std::clamp(left, std::chrono::milliseconds(0), slice));
  stopping_ = stopping_ || std::any_of(also.begin(), also.end(), [](const pollfd& each) { return each.revents != 0; });
  if (stop_.check) stop_.check();
}

http::Response Bucket::once(const http::Request& request) {
  client_.start(++next_id_, request);
  for (std::vector<http::Client::Finished> done;;) {
    client_.perform(done);
    for (http::Client::Finished& each : done)
      if (each.id == next_id_) return std::move(each.response);
    wait(clock::time_point::max() - std::chrono::hours(1));
  }
}

/// Waits before the next try, or throws where there is none.
void Bucket::pause(const http::Response& response, const std::string& what) {
  const auto now = clock::now();
  const std::string problem = problem_of(response);
  if (!away_since_) {
    away_since_ = now;
    log_.warn(fmt::format("{}: {}; trying again", what, problem));
  }
  if (settings_.retry_for && now - *away_since_ >= *settings_.retry_for)
    throw std::runtime_error(
        fmt::format("{}: no answer for {}: {}", what, format_duration(*settings_.retry_for), problem));
  Duration wanted = back_off_.next();
  if (const auto header = response.header("retry-after"))
    if (const auto asked = http::parse_retry_after(*header, std::chrono::system_clock::now()))
      wanted = std::clamp(*asked, wanted, std::max(wanted, longest_pause));
  auto until = now + std::chrono::duration_cast<clock::duration>(wanted);
  if (settings_.retry_for)
    until = std::min(until, *away_since_ + std::chrono::ceil<clock::duration>(*settings_.retry_for));
  while (clock::now() < until) wait(until);
}

/// The answer of a server that is there, whatever it is. After a timeout the next one has twice the time.
http::Response Bucket::ask(http::Request request, const std::string& what) {
  for (;;) {
    http::Response response = once(request);
    if (!is_passing(response, request.body.has_value())) {
      if (response.failure != http::Failure::none) throw Refused(fmt::format("{}: {}", what, problem_of(response)));
      back_off_.reset();
      away_since_.reset();
      return response;
    }
    if (response.failure == http::Failure::timeout)
      request.timeout = std::max(request.timeout, std::min(2 * request.timeout, longest_timeout));
    ++retries_;
    pause(response, what);
  }
}

std::optional<std::string> Bucket::get(const std::string& key, std::size_t most_bytes) {
  http::Request asked = request(Method::by_body, key);
  asked.max_body = most_bytes;
  http::Response response = ask(asked, "reading " + name_of(key));
  if (response.status == 200) return std::move(response.body);
  if (response.status == 404 && error_code(response.body) != "NoSuchBucket") return std::nullopt;
  throw Refused(fmt::format("reading {}: {}", name_of(key), problem_of(response)));
}

bool Bucket::has(const std::string& key) {
  const http::Response response = ask(request(Method::head, key), "looking for " + name_of(key));
  if (response.status == 200 || response.status == 404) return response.status == 200;
  throw Refused(fmt::format("looking for {}: {}", name_of(key), problem_of(response)));
}

void Bucket::put(const std::string& key, std::string_view bytes) {
  const http::Response response = ask(request(Method::put, key, bytes), "writing " + name_of(key));
  if (response.status != 200) throw Refused(fmt::format("writing {}: {}", name_of(key), problem_of(response)));
}

Put Bucket::put_if_absent(const std::string& key, std::string_view bytes) {
  if (bytes.size() > settings_.part_bytes) return put_in_parts(key, bytes);
  http::Request asked = request(Method::put, key, bytes);
  asked.headers.emplace_back("If-None-Match: *");
  const http::Response response = ask(asked, "writing " + name_of(key));
  if (response.status == 200) return Put::done;
  if (response.status == 412) return is_same(key, bytes) ? Put::same_is_there : Put::other_is_there;
  const std::string problem = fmt::format("writing {}: {}", name_of(key), problem_of(response));
  if (response.status == 501) throw NotImplemented(problem);
  throw Refused(problem);
}

/// Whether an object has these bytes: by the digest that was put with it, else by itself.
bool Bucket::is_same(const std::string& key, std::string_view bytes) {
  const http::Response response = ask(request(Method::head, key), "looking for " + name_of(key));
  if (const auto digest = response.header(digest_header)) return *digest == sha256(bytes);
  if (response.header("content-length").value_or("") != std::to_string(bytes.size())) return false;
  return get(key, bytes.size()) == bytes;
}

std::vector<std::string> Bucket::list(const std::string& prefix, std::size_t most) {
  constexpr std::size_t page_keys = 1000;
  std::vector<std::string> keys;
  std::optional<std::string> token;
  do {
    http::Request asked = request(Method::by_body, "");
    asked.max_body = most_answer;
    asked.url += "/?";
    if (token) asked.url += "continuation-token=" + http::encode(*token) + '&';  // sorted by name, as it is signed
    asked.url += fmt::format("encoding-type=url&list-type=2&max-keys={}&prefix={}", std::min(most, page_keys),
                             http::encode(prefix));
    const http::Response response = ask(asked, "listing " + name_of(prefix));
    if (response.status != 200) throw Refused(fmt::format("listing {}: {}", name_of(prefix), problem_of(response)));
    const auto page = read_list(response.body);
    if (!page) throw Refused(fmt::format("listing {}: the answer is not a list of objects", name_of(prefix)));
    keys.insert(keys.end(), page->keys.begin(), page->keys.end());
    token = page->next;
  } while (token && keys.size() < most);
  if (keys.size() > most) keys.resize(most);
  return keys;
}

}  // namespace weir::s3
