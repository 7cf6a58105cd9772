#include "net/smtp/client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <stdexcept>

#include "net/smtp/header.hpp"
#include "record/json_text.hpp"
#include "time/digits.hpp"

namespace weir::smtp {
namespace {

/// libcurl wants to be initialised once, before any thread.
struct Global {
  Global() {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl could not be initialised");
  }
  ~Global() { curl_global_cleanup(); }
  Global(const Global&) = delete;
  Global& operator=(const Global&) = delete;
};

long milliseconds(Duration length) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
}

}  // namespace

struct Client::Impl {
  Impl(Server at, std::function<bool()> stop) : server(std::move(at)), should_stop(std::move(stop)) {
    static const Global global;
    open();
  }

  void open() {
    curl.reset(curl_easy_init());
    if (!curl) throw std::runtime_error("libcurl could not be initialised");
    prepare();
  }

  /// Forgets the connection without a word. After an answer that did not come in time libcurl would keep it and take
  /// the late answer for that to the next command; and at its end it would wait two minutes for the answer to its
  /// goodbye.
  void hang_up() {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(curl.get(), CURLINFO_ACTIVESOCKET, &socket);
    if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RDWR);
    open();
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (const CURLcode result = curl_easy_setopt(curl.get(), option, value); result != CURLE_OK)
      throw std::runtime_error(fmt::format("libcurl: {}", curl_easy_strerror(result)));
  }

  void prepare() {
    const bool bare_ipv6 = server.host.find(':') != std::string::npos && server.host.front() != '[';
    const char* const scheme = server.security == Security::implicit ? "smtps" : "smtp";
    set(CURLOPT_URL,
        fmt::format("{}://{}{}{}:{}/", scheme, bare_ipv6 ? "[" : "", server.host, bare_ipv6 ? "]" : "", server.port)
            .c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");  // a web proxy's variables are not meant for mail
    set(CURLOPT_USE_SSL, static_cast<long>(server.security == Security::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!server.ca_file.empty()) set(CURLOPT_CAINFO, server.ca_file.c_str());
    if (!server.user.empty()) {
      set(CURLOPT_USERNAME, server.user.c_str());
      set(CURLOPT_PASSWORD, server.password.c_str());
    }
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(server.timeout / 2));
    set(CURLOPT_TIMEOUT_MS, milliseconds(server.timeout));
    set(CURLOPT_ERRORBUFFER, error.data());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Impl::read);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Impl::reply);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Impl::reply);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Impl::progress);
    set(CURLOPT_XFERINFODATA, this);
  }

  static std::size_t read(char* buffer, std::size_t size, std::size_t count, void* self) {
    auto& rest = static_cast<Impl*>(self)->rest;
    const std::size_t taken = std::min(size * count, rest.size());
    std::memcpy(buffer, rest.data(), taken);
    rest.remove_prefix(taken);
    return taken;
  }

  /// One line of the server's.
  static std::size_t reply(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    std::string_view line(bytes, size * count);
    while (!line.empty() && static_cast<unsigned char>(line.back()) <= ' ') line.remove_suffix(1);
    if (line.size() >= 3 && is_digit(line[0]) && is_digit(line[1]) && is_digit(line[2])) {
      const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
      std::string text;
      for (const char c : line.substr(0, 300)) text += static_cast<unsigned char>(c) < ' ' || c == 0x7F ? '?' : c;
      if (!is_utf8(text)) text = fmt::format("{}", code);
      impl.replies[code] = std::move(text);
    }
    return size * count;
  }

  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& stop = static_cast<Impl*>(self)->should_stop;
    return stop && stop() ? 1 : 0;
  }

  Delivery send(const std::string& from, const std::string& to, std::string_view message) {
    for (const std::string& address : {from, to})
      if (const std::string problem = address_problem(address); !problem.empty()) throw std::invalid_argument(problem);
    struct FreeList {
      void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    const std::unique_ptr<curl_slist, FreeList> recipients(curl_slist_append(nullptr, fmt::format("<{}>", to).c_str()));
    if (!recipients) throw std::bad_alloc();
    set(CURLOPT_MAIL_FROM, fmt::format("<{}>", from).c_str());
    set(CURLOPT_MAIL_RCPT, recipients.get());
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
    rest = message;
    replies.clear();
    error[0] = '\0';
    const CURLcode result = curl_easy_perform(curl.get());
    set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
    if (result == CURLE_OK) return {Outcome::accepted, replies[250]};
    Delivery delivery = failure(result);
    if (delivery.outcome != Outcome::refused && delivery.outcome != Outcome::busy) hang_up();
    return delivery;
  }

  Delivery greet() {
    set(CURLOPT_UPLOAD, 0L);
    set(CURLOPT_NOBODY, 1L);
    set(CURLOPT_CUSTOMREQUEST, "NOOP");
    replies.clear();
    error[0] = '\0';
    const CURLcode result = curl_easy_perform(curl.get());
    set(CURLOPT_CUSTOMREQUEST, static_cast<const char*>(nullptr));
    set(CURLOPT_NOBODY, 0L);
    set(CURLOPT_UPLOAD, 1L);
    return result == CURLE_OK ? Delivery{Outcome::accepted, replies[250]} : failure(result);
  }

  Delivery failure(CURLcode result) {
    // The reply that ended it. libcurl then says goodbye, so that it is not the last one.
    long code = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &code);
    const auto found = replies.find(static_cast<int>(code));
    if (found == replies.end()) code = 0;  // of an earlier mail
    const std::string last_reply = code != 0 ? found->second : std::string();
    replies.erase(221);
    const bool any_good = !replies.empty() && replies.begin()->first < 300;
    const std::string why = error[0] != '\0' ? error.data() : curl_easy_strerror(result);
    switch (result) {
      case CURLE_ABORTED_BY_CALLBACK:
        return {Outcome::stopped, "stopped"};
      case CURLE_OUT_OF_MEMORY:
        throw std::bad_alloc();
      case CURLE_LOGIN_DENIED:
        if (code < 400 || code >= 500)
          return {Outcome::hopeless, fmt::format("the server does not take this user and password: {}", last_reply)};
        return {Outcome::unreachable, last_reply};
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_CERTPROBLEM:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_USE_SSL_FAILED:
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL:
        return {Outcome::hopeless, why};
      default:
        break;
    }
    // The last reply tells, if it was the one that ended it; a connection that just broke leaves a good reply as the
    // last.
    if (code == 530 || code == 534 || code == 535 || code == 538) return {Outcome::hopeless, last_reply};
    if (code == 421) return {Outcome::unreachable, last_reply};
    if (code >= 500 && code < 600) return {any_good ? Outcome::refused : Outcome::hopeless, last_reply};
    if (code >= 400 && code < 500) return {any_good ? Outcome::busy : Outcome::unreachable, last_reply};
    return {Outcome::unreachable, why};
  }

  struct FreeCurl {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  Server server;
  std::function<bool()> should_stop;
  std::array<char, CURL_ERROR_SIZE> error{};
  std::string_view rest;
  std::map<int, std::string> replies;    // to this mail, the last of each code
  std::unique_ptr<CURL, FreeCurl> curl;  // last: it says goodbye to the server through the callbacks above
};

Client::Client(Server server, std::function<bool()> should_stop)
    : impl_(std::make_unique<Impl>(std::move(server), std::move(should_stop))) {}

Client::~Client() = default;

Delivery Client::greet() { return impl_->greet(); }

Delivery Client::send(const std::string& from, const std::string& to, std::string_view message) {
  return impl_->send(from, to, message);
}

}  // namespace weir::smtp
