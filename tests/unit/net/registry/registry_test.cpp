#include "net/registry/registry.hpp"

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "kept_log.hpp"
#include "scripted_server.hpp"

using namespace weir;
using namespace weir::registry;
using namespace std::chrono_literals;

namespace {

using Script = ScriptedServer;

/// The answer, waited for. A pointer, as GCC 14 warns of a reference that is made of temporary arguments.
const RegisteredSchema* get(Registry& registry, const Question& question) {
  for (;;) {
    if (const RegisteredSchema* const found = registry.ask(question)) return found;
    registry.wait({}, 1000ms);
  }
}

Settings settings_of(const Script& script) { return {.url = script.url() + "/", .retry_wait = 1ms}; }

}  // namespace

TEST_CASE("a schema is asked for by its number once", "[registry]") {
  Script script({{200, R"({"schema":"\"string\""})"}});
  KeptLog log;
  Registry registry(settings_of(script), log);
  const RegisteredSchema& schema = *get(registry, {.id = 7});
  CHECK(schema.id == 7);
  CHECK(schema.type == "AVRO");
  CHECK(schema.text == "\"string\"");
  CHECK(get(registry, {.id = 7}) == &schema);
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
  CHECK(get(registry, {.id = 1})->references == std::vector<std::string>{"a", "b"});
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
  CHECK(get(registry, add)->id == 12);
  const RegisteredSchema& latest = *get(registry, {.kind = Question::Kind::latest, .subject = "s"});
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
  CHECK(get(registry, {.id = 9})->text == "\"int\"");  // failures are not kept
  CHECK(log.messages.empty());
}

TEST_CASE("a registry that is away is waited for, and that is reported once", "[registry]") {
  Script script({{503, ""}, {0, ""}, {500, R"({"message":"x"})"}, {200, R"({"schema":"\"int\""})"}});
  KeptLog log;
  Registry registry(settings_of(script), log);
  CHECK(get(registry, {.id = 1})->text == "\"int\"");
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
