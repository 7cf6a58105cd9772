#include "channel.hpp"

#include "catch.hpp"
#include "courier.hpp"
#include "folder.hpp"
#include "kept_log.hpp"
#include "saved_state.hpp"
#include "sms_channel.hpp"

using namespace weir;
using namespace weir::alert_notify;
using Outcome = Sent::Outcome;

namespace {

Sent judged(int status, std::string body = "", std::string retry_after = "") {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  if (!retry_after.empty()) response.headers.emplace_back("retry-after", retry_after);
  return judge(response, Time(std::chrono::seconds(1'782'900'000)));
}

ChannelSettings program(const std::string& name, std::vector<std::string> command) {
  ChannelSettings settings;
  settings.spec.name = name;
  settings.spec.service = Service::program;
  settings.spec.values["command"] = std::move(command);
  return settings;
}

Message message_of(std::string id, std::string channel, std::string body) {
  Message message;
  message.id = std::move(id);
  message.channel = std::move(channel);
  message.body = std::move(body);
  message.raw = "{}";
  return message;
}

/// Moves on until nothing is left.
void run(Courier& courier) {
  for (int i = 0; i < 2000 && courier.left() > 0; ++i) {
    courier.pump();
    courier.wait({}, std::chrono::milliseconds(20));
  }
  CHECK(courier.left() == 0);
}

}  // namespace

TEST_CASE("what an answer means") {
  CHECK(judged(200, "ok").outcome == Outcome::delivered);
  CHECK(judged(202).outcome == Outcome::delivered);
  CHECK(judged(200, "<html>Log in").outcome == Outcome::uncertain);
  for (const int status : {400, 401, 403, 404, 410, 413, 301}) CHECK(judged(status).outcome == Outcome::refused);
  for (const int status : {408, 425, 429, 503}) CHECK(judged(status).outcome == Outcome::later);
  for (const int status : {500, 502, 504, 507}) CHECK(judged(status).outcome == Outcome::uncertain);
  CHECK(judged(429, "", "7").after == std::chrono::seconds(7));
  CHECK(judged(429, "", "soon").after == std::nullopt);
  CHECK(judged(400, "a\nb").answer == "400: a b");
  http::Response response;
  response.failure = http::Failure::connect;
  CHECK(judge(response, {}).outcome == Outcome::later);
  response.failure = http::Failure::broken;
  CHECK(judge(response, {}).outcome == Outcome::uncertain);
  response.status = 201;
  CHECK(judge(response, {}).outcome == Outcome::delivered);
}

TEST_CASE("an SMS is found by its id in Twilio's list, but for one that failed") {
  CHECK_FALSE(read_twilio_page("no list", "p-1").is_list);
  CHECK_FALSE(read_twilio_page(R"({"messages":{}})", "p-1").is_list);
  CHECK(read_twilio_page("{\n \"messages\":[],\n \"next_page_uri\":\"/x\"}", "p-1").next == "/x");
  CHECK(read_twilio_page(R"({"messages":[],"next_page_uri":"http://other"})", "p-1").next.empty());
  CHECK(read_twilio_page(R"({"messages":[{"sid":"a","body":"x [p-11]"},{"sid":"b","body":"x [p-1]","status":"sent"}]})",
                         "p-1")
            .found == "b");
  CHECK(read_twilio_page(R"({"messages":[{"sid":"b","body":"x [p-1]","status":"failed"}]})", "p-1").found.empty());
  CHECK(read_twilio_sid(R"({"sid":"SM1"})") == "SM1");
  CHECK(read_twilio_sid("<html>").empty());
}

TEST_CASE("a bucket gives a burst, and then one token at its rate") {
  TokenBucket bucket({2.0, 3});
  const auto now = TokenBucket::clock::now();
  for (int i = 0; i < 3; ++i) {
    CHECK(bucket.ready_at(now) == now);
    bucket.take();
  }
  CHECK(bucket.ready_at(now) == now + std::chrono::milliseconds(500));
  CHECK(bucket.ready_at(now + std::chrono::milliseconds(500)) == now + std::chrono::milliseconds(500));
  TokenBucket free({std::nullopt, 1});
  for (int i = 0; i < 100; ++i) {
    CHECK(free.ready_at(now) == now);
    free.take();
  }
}

TEST_CASE("messages reach their channels; a refusal is told, and keeps no other back") {
  const test::Folder folder;
  KeptLog log;
  std::vector<std::string> refused;
  Courier::Settings settings;
  settings.channels = {program("good", {"sh", "-c", "cat >>" + folder.file("got")}),
                       program("bad", {"sh", "-c", "exit 65"})};
  settings.history = folder.file("history");
  Courier courier(std::move(settings), log, [&](const Message& message, const std::string& reason) {
    refused.push_back(message.id + ": " + reason);
  });
  courier.add(message_of("p-1", "bad", "1"));
  courier.add(message_of("p-2", "good", "2"));
  courier.add(message_of("p-3", "gone", "3"));
  courier.add(message_of("p-4", "good", "4"));
  run(courier);
  CHECK(folder.content("got") == "2\n4\n");
  CHECK(refused ==
        std::vector<std::string>{"p-3: there is no channel `gone` any more", "p-1: bad refuses it: exit 65"});
  CHECK(courier.delivered() == 2);
  CHECK_THAT(folder.content("history"),
             contains_text(R"("id":"p-4","channel":"good","state":"delivered","attempt":1)"));
}

TEST_CASE("after a restart only what the journal does not have is sent again") {
  const test::Folder folder;
  KeptLog log;
  std::vector<std::string> refused;
  const auto settings = [&] {
    Courier::Settings made;
    made.channels = {program("good", {"sh", "-c", "cat >>" + folder.file("got")}),
                     program("bad", {"sh", "-c", "exit 65"})};
    made.journal = folder.file("sent");
    return made;
  };
  const auto note = [&](const Message& message, const std::string&) { refused.push_back(message.id); };
  std::string snapshot;
  {
    Courier first(settings(), log, note);
    for (const char* id : {"p-1", "p-2"}) first.add(message_of(id, "good", id));
    first.add(message_of("p-3", "bad", ""));
    snapshot = test::saved_state(first);
    run(first);
  }
  CHECK(refused == std::vector<std::string>{"p-3"});
  // p-2's note is lost with the power.
  std::string journal = folder.content("sent");
  const auto at = journal.find(R"({"id":"p-2")");
  REQUIRE(at != std::string::npos);
  journal.erase(at, journal.find('\n', at) + 1 - at);
  test::write_content(folder.file("sent"), journal + R"({"id":"cut)");
  Courier second(settings(), log, note);
  test::load_state(second, snapshot);
  second.apply_journal();
  CHECK(refused == std::vector<std::string>{"p-3", "p-3"});
  CHECK(second.left() == 1);
  run(second);
  CHECK(folder.content("got") == "p-1\np-2\np-2\n");
}

TEST_CASE("a URL must not leave this machine in plain text") {
  ChannelSpec spec;
  spec.place = "--webhook";
  spec.service = Service::webhook;
  CHECK_NOTHROW(check_url(spec, "http://127.0.0.1:80/x?y=z"));
  CHECK_NOTHROW(check_url(spec, "https://example.org/x"));
  CHECK_THROWS_WITH(check_url(spec, "http://example.org/x"), contains_text("plain text is not safe"));
  CHECK_THROWS_WITH(check_url(spec, "ftp://example.org"), contains_text("is not one that begins with"));
  for (const char* url : {"http://me:secret@127.0.0.1/", "https://me:secret@example.org?x=y"})
    CHECK_THROWS_WITH(check_url(spec, url),
                      contains_text("give user=NAME and password_file=FILE instead") && !contains_text("secret"));
  spec.values["insecure"] = {"true"};
  CHECK_NOTHROW(check_url(spec, "http://example.org/x"));
}
