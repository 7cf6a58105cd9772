#include "net/registry/registry.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "kept_log.hpp"

using namespace weir;
using namespace weir::registry;
using namespace std::chrono_literals;

namespace {

/// A server that gives the answers it was made with, one to each request, and keeps the requests.
class Script {
 public:
  struct Answer {
    int status;  ///< 0: the connection is closed without a word
    std::string body;
  };

  explicit Script(std::vector<Answer> answers) : answers_(std::move(answers)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) == 0);
    REQUIRE(::listen(fd_, 8) == 0);
    REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(::ntohs(address.sin_port));
    thread_ = std::thread([this] {
      for (const Answer& answer : answers_) serve(answer);
    });
  }
  ~Script() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  const std::string& url() const { return url_; }
  /// The requests, once every answer has been given.
  const std::vector<std::string>& requests() {
    ::shutdown(fd_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return requests_;
  }

 private:
  static bool complete(const std::string& request) {
    const auto head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = request.find("Content-Length: ");
    return length == std::string::npos || request.size() >= head + 4 + std::stoul(request.substr(length + 16));
  }

  void serve(const Answer& answer) {
    const int peer = ::accept(fd_, nullptr, nullptr);
    if (peer < 0) return;
    std::string request;
    char buffer[4096];
    for (ssize_t size = 1; !complete(request) && size > 0;) {
      size = ::recv(peer, buffer, sizeof buffer, 0);
      if (size > 0) request.append(buffer, static_cast<std::size_t>(size));
    }
    requests_.push_back(request);
    if (answer.status != 0) {
      const std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                               " X\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
      static_cast<void>(::send(peer, text.data(), text.size(), MSG_NOSIGNAL));
    }
    ::close(peer);
  }

  int fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::vector<Answer> answers_;
  std::string url_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

/// The answer, waited for.
const RegisteredSchema& get(Registry& registry, const Question& question) {
  for (;;) {
    if (const RegisteredSchema* const found = registry.ask(question)) return *found;
    registry.wait({}, 1000ms);
  }
}

Settings settings_of(const Script& script) { return {.url = script.url() + "/", .retry_wait = 1ms}; }

}  // namespace

TEST_CASE("a schema is asked for by its number once", "[registry]") {
  Script script({{200, R"({"schema":"\"string\""})"}});
  KeptLog log;
  Registry registry(settings_of(script), log);
  const RegisteredSchema& schema = get(registry, {.id = 7});
  CHECK(schema.id == 7);
  CHECK(schema.type == "AVRO");
  CHECK(schema.text == "\"string\"");
  CHECK(&get(registry, {.id = 7}) == &schema);
  CHECK(log.messages.empty());
  REQUIRE(script.requests().size() == 1);
  CHECK_THAT(script.requests()[0], contains_text("GET /schemas/ids/7 HTTP/1.1"));
}

TEST_CASE("a schema comes with those that it refers to, the first ones first", "[registry]") {
  Script script({{200, R"({"schema":"main","references":[{"name":"b","subject":"b/1","version":2},
                       {"name":"a","subject":"a","version":1}],"schemaType":"AVRO"})"},
                 {200, R"({"id":5,"schema":"b","references":[{"name":"a","subject":"a","version":1}]})"},
                 {200, R"({"id":4,"schema":"a"})"}});
  KeptLog log;
  Registry registry(settings_of(script), log);
  CHECK(get(registry, {.id = 1}).references == std::vector<std::string>{"a", "b"});
  REQUIRE(script.requests().size() == 3);
  CHECK_THAT(script.requests()[1], contains_text("GET /subjects/b%2F1/versions/2 "));
  CHECK_THAT(script.requests()[2], contains_text("GET /subjects/a/versions/1 "));
}

TEST_CASE("a schema is registered under a subject, with the login", "[registry]") {
  Script script(
      {{200, R"({"id":12})"}, {200, R"({"subject":"s","version":3,"id":12,"schema":"{}","schemaType":"JSON"})"}});
  KeptLog log;
  Settings settings = settings_of(script);
  settings.login = http::Login{"user", "secret"};
  Registry registry(settings, log);
  const Question add{
      .kind = Question::Kind::add, .subject = "a b-value", .text = "\"string\"", .references = {{"n", "s", 2}}};
  CHECK(get(registry, add).id == 12);
  const RegisteredSchema& latest = get(registry, {.kind = Question::Kind::latest, .subject = "s"});
  CHECK(latest.version == 3);
  CHECK(latest.type == "JSON");
  REQUIRE(script.requests().size() == 2);
  const std::string& post = script.requests()[0];
  CHECK_THAT(post, contains_text("POST /subjects/a%20b-value/versions HTTP/1.1"));
  CHECK_THAT(post, contains_text("Authorization: Basic dXNlcjpzZWNyZXQ="));
  CHECK_THAT(post, contains_text("Content-Type: application/vnd.schemaregistry.v1+json"));
  CHECK(post.ends_with(
      "\r\n\r\n{\"schema\":\"\\\"string\\\"\",\"references\":[{\"name\":\"n\",\"subject\":\"s\",\"version\":2}]}"));
  CHECK_THAT(script.requests()[1], contains_text("GET /subjects/s/versions/latest "));
}

TEST_CASE("what a registry refuses ends the question with its message", "[registry]") {
  Script script({{409, R"({"error_code":409,"message":"Schema being registered is incompatible"})"},
                 {422, R"({"error_code":42201,"message":"Invalid schema"})"},
                 {401, R"({"error_code":40101,"message":"Unauthorized"})"},
                 {403, "<html>"},
                 {404, R"({"error_code":40403,"message":"Schema 9 not found"})"},
                 {200, "<html>a page</html>"},
                 {200, R"({"schema":"\"int\""})"}});
  KeptLog log;
  Registry registry(settings_of(script), log);
  const Question add{.kind = Question::Kind::add, .subject = "s", .text = "\"int\""};
  CHECK_THROWS_WITH(get(registry, add),
                    "the registry refuses /subjects/s/versions with 409: Schema being registered is incompatible");
  CHECK_THROWS_AS(get(registry, add), Refused);
  CHECK_THROWS_WITH(get(registry, add), "the registry refuses the login with 401: none was given: Unauthorized");
  CHECK_THROWS_WITH(get(registry, add), "the registry refuses the login with 403: none was given");
  CHECK_THROWS_AS(get(registry, {.id = 9}), NotFound);
  CHECK_THROWS_WITH(get(registry, {.id = 9}),
                    "the registry's answer is not JSON; is --registry the address of a registry?");
  CHECK(get(registry, {.id = 9}).text == "\"int\"");  // failures are not kept
  CHECK(log.messages.empty());
}

TEST_CASE("a registry that is away is waited for, and that is reported once", "[registry]") {
  Script script({{503, ""}, {0, ""}, {500, R"({"message":"x"})"}, {200, R"({"schema":"\"int\""})"}});
  KeptLog log;
  Registry registry(settings_of(script), log);
  CHECK(get(registry, {.id = 1}).text == "\"int\"");
  CHECK(log.messages == std::vector<std::string>{"the registry is away, it will be asked again: it answers with 503",
                                                 "the registry answers again"});
}

TEST_CASE("a registry that stays away ends the run after --retry-for", "[registry]") {
  std::string url;
  {
    const Script script({});
    url = script.url();
  }
  KeptLog log;
  Registry registry({.url = url, .retry_wait = 1ms, .retry_for = 20ms}, log);
  CHECK_THROWS_AS(get(registry, {.id = 1}), Unreachable);
  CHECK(log.messages.size() == 1);
}

TEST_CASE("schemas that refer to each other without end", "[registry]") {
  std::vector<Script::Answer> answers{{200, R"({"schema":"m","references":[{"name":"x","subject":"s","version":1}]})"}};
  for (int i = 2; i < 40; ++i)
    answers.push_back(
        {200, R"({"schema":"s","references":[{"name":"x","subject":"s","version":)" + std::to_string(i) + "}]}"});
  Script script(std::move(answers));
  KeptLog log;
  Registry registry(settings_of(script), log);
  CHECK_THROWS_WITH(get(registry, {.id = 1}), "the registry's schemas refer to each other without end");
}
