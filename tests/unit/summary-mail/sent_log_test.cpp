#include "sent_log.hpp"

#include "catch.hpp"
#include "folder.hpp"
#include "sample.hpp"

using namespace weir;
using namespace weir::summary_mail;

namespace {

const SentNote ana{"2017-06-01", "daily", "ana@example.org"};

}  // namespace

TEST_CASE("notes are there for the next run") {
  const test::Folder folder;
  const std::string path = folder.file("sent");
  CHECK_FALSE(SentLog::read(path).contains(ana));
  {
    auto log = SentLog::open(path);
    REQUIRE(log);
    CHECK_FALSE(log->contains(ana));
    log->note(ana, at("2017-06-01T21:00:00Z"));
    CHECK(log->contains(ana));
    CHECK(test::content_of(path) ==
          "{\"date\":\"2017-06-01\",\"kind\":\"daily\",\"email\":\"ana@example.org\",\"sent\":\"2017-06-01T21:00:00Z\"}"
          "\n");
    CHECK_FALSE(SentLog::open(path));  // one run at a time
    CHECK(SentLog::read(path).contains(ana));
  }
  const auto log = SentLog::open(path);
  REQUIRE(log);
  CHECK(log->contains({"2017-06-01", "daily", "ANA@example.org"}));
  CHECK_FALSE(log->contains({"2017-06-02", "daily", "ana@example.org"}));
  CHECK_FALSE(log->contains({"2017-06-01", "welcome", "ana@example.org"}));
}

TEST_CASE("bytes that a crash left after the last whole note are removed") {
  const test::Folder folder;
  const std::string path = folder.file("sent");
  const std::string whole = "{\"date\":\"2017-06-01\",\"kind\":\"daily\",\"email\":\"ana@example.org\"}\n";
  test::write_content(path, whole + "{\"date\":\"2017-06-0");
  CHECK(SentLog::read(path).contains(ana));
  auto log = SentLog::open(path);
  REQUIRE(log);
  CHECK(log->contains(ana));
  CHECK(test::content_of(path) == whole);
}

TEST_CASE("a file that holds something else is not touched") {
  const test::Folder folder;
  const std::string path = folder.file("sent");
  for (const char* other :
       {"email,cities\nana@example.org,\n", "{\"date\":\"2017-06-01\",\"kind\":\"daily\"}\n", "[1]\n"}) {
    test::write_content(path, other);
    CHECK_THROWS_AS(SentLog::open(path), BadSentLog);
    CHECK_THROWS_AS(SentLog::read(path), BadSentLog);
    CHECK(test::content_of(path) == other);
  }
  CHECK_THROWS_AS(SentLog::open(folder.path + "/missing/sent"), std::system_error);
}
