#include "net/http/client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>

#include "net/http/url.hpp"
#include "time/duration.hpp"

namespace weir::http {
namespace {

constexpr std::size_t max_head = 64 * 1024;  // bytes of all headers of one answer
constexpr int most_redirects = 3;

struct EasyDelete {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDelete>;
struct ListDelete {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void global_init() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl cannot be set up");
  });
}

/// `host port N` of a URL, for messages: without path and query, where secrets stand.
std::string place_of(const std::string& url) {
  const auto server = server_of(url);
  return server ? fmt::format("{} port {}", server->host, server->port) : "the server";
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Failure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return Failure::none;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Failure::resolve;
    case CURLE_COULDNT_CONNECT:
      return Failure::connect;
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::timeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return Failure::tls;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Failure::broken;
    default:
      return Failure::other;
  }
}

}  // namespace

std::optional<std::string_view> Response::header(std::string_view name) const {
  for (auto each = headers.rbegin(); each != headers.rend(); ++each)
    if (each->first == name) return each->second;
  return std::nullopt;
}

struct Client::Impl {
  using clock = std::chrono::steady_clock;

  /// A request under way. Its address is known to libcurl, so it stays where it is.
  struct Transfer {
    Id id;
    Request request;
    Response response;
    std::unique_ptr<curl_slist, ListDelete> headers;
    Easy easy;
    long time_left() const {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
      return static_cast<long>(std::max<std::int64_t>(1, left.count()));
    }

    /// Whether the body of the answer under way is handed out as it comes.
    bool is_streamed() const {
      long status = 0;
      curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
      return request.window > 0 && status >= 200 && status < 300;
    }

    clock::time_point deadline{};  ///< of the whole, redirects included
    bool paused = false;           ///< the server waits for take()
    int redirects = 0;
    std::size_t head = 0;
    bool too_large = false;
    std::array<char, CURL_ERROR_SIZE> error_text{};
  };

  explicit Impl(ClientOptions given) : options(std::move(given)) {
    global_init();
    multi = curl_multi_init();
    if (multi == nullptr) throw std::runtime_error("libcurl cannot be set up");
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.max_connections));
  }
  ~Impl() {
    give_up();
    curl_multi_cleanup(multi);
  }

  void give_up() {
    for (const auto& [easy, transfer] : active) curl_multi_remove_handle(multi, easy);
    active.clear();
    waiting.clear();
  }

  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.is_streamed()) {
      std::string& waiting = transfer.response.body;
      transfer.paused = !waiting.empty() && waiting.size() + size > transfer.request.window;
      if (transfer.paused) return CURL_WRITEFUNC_PAUSE;
      waiting.append(bytes, size);
      return size;
    }
    if (transfer.response.body.size() + size > transfer.request.max_body) {
      transfer.too_large = true;
      return 0;  // ends the transfer
    }
    transfer.response.body.append(bytes, size);
    return size;
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    std::string_view line(bytes, size);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {  // the head of a next answer: after a redirect, or a 100
      transfer.response.headers.clear();
      transfer.response.body.clear();
    }
    transfer.head += size;
    if (transfer.head > max_head) {
      transfer.too_large = true;
      return 0;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    std::string name(line.substr(0, colon));
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    line.remove_prefix(colon + 1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    transfer.response.headers.emplace_back(std::move(name), std::string(line));
    return size;
  }

  void begin(std::unique_ptr<Transfer> transfer) {
    transfer->easy.reset(curl_easy_init());
    CURL* const easy = transfer->easy.get();
    if (easy == nullptr) throw std::runtime_error("libcurl gives no handle");
    transfer->deadline = clock::now() + transfer->request.timeout;
    const long timeout = transfer->time_left();
    const bool all_set =
        curl_easy_setopt(easy, CURLOPT_URL, transfer->request.url.c_str()) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        // At tens of requests a minute a connection each costs little.
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, options.connections == Connections::kept ? 0L : 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&  // follow() looks at where they lead
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
        set_time_limit(easy, transfer->request, timeout) &&
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str()) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Impl::on_body) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, static_cast<void*>(transfer.get())) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Impl::on_header) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, static_cast<void*>(transfer.get())) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error_text.data()) == CURLE_OK &&
        (options.ca_file.empty() || curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str()) == CURLE_OK) &&
        (options.cert_file.empty() || (curl_easy_setopt(easy, CURLOPT_SSLCERT, options.cert_file.c_str()) == CURLE_OK &&
                                       curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key_file.c_str()) == CURLE_OK)) &&
        set_content(*transfer);
    if (!all_set) throw std::runtime_error("libcurl refuses an option it needs");
    // Whatever it can unpack; but a stream that pauses must not be unpacked into memory.
    if (transfer->request.window == 0) curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a name look-up that hangs must not hold up the end
#endif
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) throw std::runtime_error("libcurl refuses a request");
    active.emplace(easy, std::move(transfer));
  }

  /// The limit of the whole, or of a pause of the server where the answer is handed out as it comes.
  static bool set_time_limit(CURL* easy, const Request& request, long milliseconds) {
    if (request.window == 0) return curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds) == CURLE_OK;
    const auto seconds = static_cast<long>(std::chrono::ceil<std::chrono::seconds>(request.timeout).count());
    return curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, seconds)) == CURLE_OK;
  }

  /// The body, the headers and the login, where there are any.
  static bool set_content(Transfer& transfer) {
    CURL* const easy = transfer.easy.get();
    const Request& request = transfer.request;
    for (const std::string& header : request.headers) {
      curl_slist* const list = curl_slist_append(transfer.headers.get(), header.c_str());
      if (list == nullptr) return false;
      static_cast<void>(transfer.headers.release());
      transfer.headers.reset(list);
    }
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get()) == CURLE_OK &&
           set_method(easy, request) && set_signature(easy, request) &&
           (!request.body || (curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                               static_cast<curl_off_t>(request.body->size())) == CURLE_OK &&
                              curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body->data()) == CURLE_OK)) &&
           (!request.login || (curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
                               curl_easy_setopt(easy, CURLOPT_USERNAME, request.login->user.c_str()) == CURLE_OK &&
                               curl_easy_setopt(easy, CURLOPT_PASSWORD, request.login->password.c_str()) == CURLE_OK));
  }

  static bool set_method(CURL* easy, const Request& request) {
    using Method = Request::Method;
    if (request.method == Method::put)
      return curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.put_body.size())) ==
                 CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.put_body.empty() ? "" : request.put_body.data()) ==
                 CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT") == CURLE_OK;
    if (request.method == Method::head) return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    return request.method == Method::by_body || curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE") == CURLE_OK;
  }

  static bool set_signature(CURL* easy, const Request& request) {
    if (!request.signature) return true;
    const AwsSignature& by = *request.signature;
    // libcurl takes segments of dots out of a path, unless told not to; from 8.14 on it then refuses to sign.
    const bool has_dots = request.url.find("/.") != std::string::npos;
    return (!has_dots || curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK) &&
           curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, fmt::format("aws:amz:{}:{}", by.region, by.service).c_str()) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERNAME, by.key_id.c_str()) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PASSWORD, by.secret.c_str()) == CURLE_OK;
  }

  void finish(CURL* easy, CURLcode code, std::vector<Finished>& done) {
    const auto found = active.find(easy);
    if (found == active.end()) return;
    Transfer& transfer = *found->second;
    Response& response = transfer.response;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    response.failure = transfer.too_large ? Failure::too_large : failure_of(code);
    curl_multi_remove_handle(multi, easy);
    if (response.failure == Failure::none && is_redirect(status) && follow(transfer)) return;
    if (response.error.empty()) response.error = error_text_of(transfer, code);
    done.push_back({transfer.id, std::move(response)});
    active.erase(found);
  }

  /// Follows the redirect of the last answer. Returns false where it must not; response.error then has the reason.
  bool follow(Transfer& transfer) {
    CURL* const easy = transfer.easy.get();
    char* target = nullptr;
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
    if (target == nullptr) return false;  // it leads nowhere
    const std::string url = target;
    std::string reason;
    if (++transfer.redirects > most_redirects)
      reason = fmt::format("more than {} of them", most_redirects);
    else if (!stays_with_server(transfer.request.url, url))
      reason = fmt::format("it leads to another server, {}", place_of(url));
    if (reason.empty()) {
      transfer.request.url = url;
      transfer.response = {};
      transfer.head = 0;
      if (curl_easy_setopt(easy, CURLOPT_URL, url.c_str()) != CURLE_OK ||
          !set_time_limit(easy, transfer.request, transfer.time_left()) ||
          curl_multi_add_handle(multi, easy) != CURLM_OK)
        throw std::runtime_error("libcurl refuses a request");
      return true;
    }
    transfer.response.failure = Failure::not_allowed;
    transfer.response.error = "a redirect that is not followed: " + reason;
    return false;
  }

  static std::string error_text_of(const Transfer& transfer, CURLcode code) {
    // libcurl's own texts hold figures that change from run to run, and now and then a URL: only where ours would be
    // too poor.
    std::string detail = redact(transfer.error_text[0] != '\0' ? transfer.error_text.data() : curl_easy_strerror(code));
    switch (transfer.response.failure) {
      case Failure::none:
        return {};
      case Failure::resolve:
        return detail;
      case Failure::connect:
        return fmt::format("cannot connect to {}", place_of(transfer.request.url));
      case Failure::timeout:
        return transfer.request.window > 0
                   ? fmt::format("nothing has come for {}", format_duration(transfer.request.timeout))
                   : fmt::format("no whole answer within {}", format_duration(transfer.request.timeout));
      case Failure::too_large:
        return transfer.head > max_head ? fmt::format("the head of the answer is longer than {} bytes", max_head)
                                        : fmt::format("the answer is longer than {} bytes", transfer.request.max_body);
      case Failure::broken:
        return "the connection broke off in the middle of the answer";
      case Failure::tls:
        return fmt::format("no trusted connection to {}: {}", place_of(transfer.request.url), detail);
      case Failure::not_allowed:
      case Failure::other:
        return detail;
    }
    return detail;
  }

  ClientOptions options;
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> active;
  std::deque<std::unique_ptr<Transfer>> waiting;
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

void Client::start(Id id, Request request) {
  auto transfer = std::make_unique<Impl::Transfer>();
  transfer->id = id;
  transfer->request = std::move(request);
  impl_->waiting.push_back(std::move(transfer));
}

void Client::perform(std::vector<Finished>& done) {
  int running = 0;
  do {
    while (!impl_->waiting.empty() && impl_->active.size() < static_cast<std::size_t>(impl_->options.max_connections)) {
      auto transfer = std::move(impl_->waiting.front());
      impl_->waiting.pop_front();
      impl_->begin(std::move(transfer));
    }
    if (const CURLMcode code = curl_multi_perform(impl_->multi, &running); code != CURLM_OK)
      throw std::runtime_error(fmt::format("libcurl: {}", curl_multi_strerror(code)));
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(impl_->multi, &left))
      if (message->msg == CURLMSG_DONE) impl_->finish(message->easy_handle, message->data.result, done);
  } while (!impl_->waiting.empty() && impl_->active.size() < static_cast<std::size_t>(impl_->options.max_connections));
}

void Client::take(Id id, std::string& bytes) {
  for (const auto& [easy, transfer] : impl_->active) {
    if (transfer->id != id || !transfer->is_streamed()) continue;
    bytes += transfer->response.body;
    transfer->response.body.clear();
    if (std::exchange(transfer->paused, false)) curl_easy_pause(easy, CURLPAUSE_CONT);
    return;
  }
}

void Client::give_up() { impl_->give_up(); }

std::size_t Client::pending() const { return impl_->active.size() + impl_->waiting.size(); }

void Client::wait(std::span<pollfd> also, std::chrono::milliseconds limit) {
  // libcurl tells readable and writable only; so it wakes, and poll(2) then says the rest (a reader that is gone is
  // POLLERR).
  std::vector<curl_waitfd> extra;
  extra.reserve(also.size());
  for (const pollfd& each : also) {
    short events = 0;
    if ((each.events & POLLIN) != 0) events |= CURL_WAIT_POLLIN;
    if ((each.events & POLLPRI) != 0) events |= CURL_WAIT_POLLPRI;
    if ((each.events & POLLOUT) != 0) events |= CURL_WAIT_POLLOUT;
    extra.push_back({each.fd, events, 0});
  }
  constexpr std::int64_t longest = 60'000;
  const std::int64_t wanted = limit.count() < 0 ? longest : std::min<std::int64_t>(limit.count(), longest);
  curl_multi_poll(impl_->multi, extra.data(), static_cast<unsigned>(extra.size()), static_cast<int>(wanted), nullptr);
  if (::poll(also.data(), also.size(), 0) < 0)
    for (pollfd& each : also) each.revents = 0;
}

}  // namespace weir::http
