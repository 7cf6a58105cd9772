#include "target.hpp"

#include <stdexcept>

#include "catch.hpp"

using namespace weir::pipe_health;

namespace {

std::string refusal(const std::string& text) {
  try {
    parse_target(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a check has a name and a place") {
  const Target cache = parse_target("my-cache=rediss://ana@cache.example.org:6390/2");
  CHECK(cache.name == "my-cache");
  CHECK(cache.kind == Kind::redis);
  CHECK(cache.security == Security::tls);
  CHECK(cache.user == "ana");
  CHECK(cache.host == "cache.example.org");
  CHECK(cache.port == 6390);
  CHECK(cache.path == "2");
  CHECK(cache.password_variable() == "MY_CACHE_PASSWORD");

  const Target broker = parse_target("mqtt://[::1]/in/x?back=out/%23");
  CHECK(broker.name == "mqtt");
  CHECK(broker.host == "::1");
  CHECK(broker.port == 1883);
  CHECK(broker.path == "in/x");
  CHECK(broker.place() == "mqtt://[::1]/in/x");

  const Target topic = parse_target("lag=kafka://a:9092,b:9092/readings?group=load&max-lag=5m&max-behind=100");
  CHECK(topic.host == "a:9092,b:9092");
  CHECK(topic.path == "readings");
  CHECK(topic.group == "load");
  CHECK(topic.max_lag == std::chrono::minutes(5));
  CHECK(topic.max_behind == 100U);

  const Target folder = parse_target("state:/var/lib/weir/a=b?max-age=1h");
  CHECK(folder.name == "state");
  CHECK(folder.path == "/var/lib/weir/a=b");
  CHECK(folder.max_age == std::chrono::hours(1));
  CHECK(folder.place() == "state:/var/lib/weir/a=b");

  const Target page = parse_target("http://localhost:8090/healthz?check=a");
  CHECK(page.url == "http://localhost:8090/healthz?check=a");
  CHECK(parse_target("db=postgres:///weather?host=/run/postgresql").kind == Kind::postgres);
}

TEST_CASE("what cannot be checked is named, and no password is repeated") {
  for (const std::string& text : std::vector<std::string>{"",
                                                          "db",
                                                          "ftp://x",
                                                          "x=y",
                                                          "Db=redis://x",
                                                          "=redis://x",
                                                          "redis://",
                                                          "redis:x",
                                                          "redis://x:0",
                                                          "redis://x:y",
                                                          "state:",
                                                          "kafka://a?group=g",
                                                          "kafka://a/t?max-lag=5m",
                                                          "kafka://a/t?group=g&max-lag=soon",
                                                          "mqtt://a?back=b",
                                                          "mqtt://a/b?back",
                                                          "smtp://x?y=z",
                                                          "state:x?max-lag=5m",
                                                          "kafka://u@a?sasl=NONE",
                                                          "smtp://a?starttls=maybe",
                                                          "smtps://a?starttls=yes",
                                                          "kafka://a/t?group=g&max-behind=many"})
    CHECK(!refusal(text).empty());
  const std::string secret = refusal("cache=redis://ana:hunter2@localhost");
  CHECK(secret.find("CACHE_PASSWORD") != std::string::npos);
  CHECK(secret.find("hunter2") == std::string::npos);
}
