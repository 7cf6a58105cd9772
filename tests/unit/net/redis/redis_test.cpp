#include <string>

#include "catch.hpp"
#include "net/redis/command.hpp"
#include "net/redis/connection.hpp"
#include "net/redis/reply.hpp"

using namespace weir::redis;

TEST_CASE("a command is an array of byte strings") {
  std::string out;
  append_command(out, {"SET", "k", std::string_view("a\0\r\n", 4)});
  CHECK(out == std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\0\r\n\r\n", 30));
  out.clear();
  append_command(out, {"PING", ""});
  CHECK(out == "*2\r\n$4\r\nPING\r\n$0\r\n\r\n");
}

TEST_CASE("replies are read, however they are cut") {
  const std::string bytes = "+OK\r\n:-7\r\n$-1\r\n$3\r\na\r\n\r\n*3\r\n-WRONGTYPE no\r\n*-1\r\n*1\r\n$0\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    ReplyReader reader;
    std::vector<Reply> replies;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      reader.feed(std::string_view(bytes).substr(at, piece));
      while (auto reply = reader.next()) replies.push_back(std::move(*reply));
    }
    REQUIRE(replies.size() == 5);
    CHECK(replies[0].kind == Reply::Kind::status);
    CHECK(replies[0].text == "OK");
    CHECK(replies[1].integer == -7);
    CHECK(replies[2].kind == Reply::Kind::nil);
    CHECK(replies[3].text == "a\r\n");
    REQUIRE(replies[4].elements.size() == 3);
    CHECK(replies[4].elements[0].is_error());
    CHECK(replies[4].elements[0].code() == "WRONGTYPE");
    CHECK(replies[4].elements[1].kind == Reply::Kind::nil);
    CHECK(replies[4].elements[2].elements.at(0).text.empty());
  }
}

TEST_CASE("other bytes than replies are an error") {
  ReplyReader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n");
  CHECK_THROWS_AS(reader.next(), std::runtime_error);
  CHECK_THROWS_AS(reader.next(), std::runtime_error);
}

TEST_CASE("an array that would take too much memory is an error") {
  ReplyReader reader;
  reader.feed("*1000000000\r\n");
  CHECK_THROWS_AS(reader.next(), std::runtime_error);
}

TEST_CASE("without a connection nothing is sent") {
  Settings settings;
  settings.host = "127.0.0.1";
  settings.port = 1;  // nobody listens there
  Connection connection(settings);
  CHECK_THROWS_AS(connection.send("x"), ConnectionLost);
  CHECK_THROWS_AS(connection.open(), ConnectionLost);
  CHECK_FALSE(connection.is_open());
}
