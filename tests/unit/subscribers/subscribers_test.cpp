#include "subscribers/subscribers.hpp"

#include "catch.hpp"

using namespace weir;

namespace {

SubscriberList list_of(std::string_view csv) { return subscribers_of(csv::parse_table(csv), Zone()); }

}  // namespace

TEST_CASE("subscribers: columns in any order, only email is needed") {
  const SubscriberList list = list_of(
      "name,note,timezone,cities,email\nAna,x,Europe/Athens, Athens ; Haifa;;Athens,ana@example.org\n,,,, "
      "bob@example.org \n");
  REQUIRE(list.subscribers.size() == 2);
  CHECK(list.problems.empty());
  CHECK(list.subscribers[0].name == "Ana");
  CHECK(list.subscribers[0].zone.name() == "Europe/Athens");
  CHECK(list.subscribers[0].cities == std::vector<std::string>{"Athens", "Haifa"});
  CHECK(list.subscribers[1].email == "bob@example.org");
  CHECK(list.subscribers[1].zone.is_utc());
  CHECK(list.subscribers[1].cities.empty());
  CHECK(list_of("email\na@b\n").subscribers.size() == 1);
  CHECK_THROWS_AS(list_of("mail\na@b\n"), SubscriberListError);
  CHECK_THROWS_AS(list_of(""), SubscriberListError);
}

TEST_CASE("subscribers: a bad row is named by its line and the others stay") {
  const SubscriberList list = list_of(
      "email,cities,name,timezone\n"
      "not an address,,,\n"
      "a@b,,,Mars/Olympus\n"
      "c@d,,\"x\r\nBcc: e@f\",\n"
      "\"g@h\nBcc: e@f\",,,\n"
      "too,few\n"
      "i@j,\"x\ny\",,\n"
      "k@l,,\xff,\n"
      "good@example.org,,,\n");
  REQUIRE(list.subscribers.size() == 1);
  CHECK(list.subscribers[0].email == "good@example.org");
  REQUIRE(list.problems.size() == 7);
  const std::vector<std::uint64_t> lines{2, 3, 4, 6, 8, 9, 11};
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(list.problems[i].line == lines[i]);
  CHECK(list.problems[0].reason == "'not an address' is not an address");
  CHECK(list.problems[1].reason == "timezone: there is no time zone 'Mars/Olympus' (as in Europe/Athens)");
  CHECK(list.problems[2].reason == "name: the text holds a control character");
}

TEST_CASE("subscribers: of the same address the last counts, which is reported") {
  const SubscriberList list = list_of("email,name\na@b,First\nc@d,\nA@B,Second\na@b,Third\n");
  REQUIRE(list.subscribers.size() == 2);
  CHECK(list.subscribers[0].name == "Third");
  CHECK(list.subscribers[1].email == "c@d");
  REQUIRE(list.duplicates.size() == 2);
  CHECK(list.duplicates[0].line == 2);
  CHECK(list.duplicates[0].reason == "A@B comes again in line 4, which counts");
  CHECK(list.duplicates[1].line == 4);
  CHECK(find_subscriber(list, "a@B")->name == "Third");
  CHECK(find_subscriber(list, "x@y") == nullptr);
}
