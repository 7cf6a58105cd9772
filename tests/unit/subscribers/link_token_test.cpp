#include "subscribers/link_token.hpp"

#include "catch.hpp"
#include "time/timestamp.hpp"

using namespace weir;

TEST_CASE("a token is the HMAC of the address, whatever its case") {
  // printf 'unsubscribe\0ana@example.org' | openssl dgst -sha256 -hmac 'a secret for tests' -binary | base64
  CHECK(unsubscribe_token("a secret for tests", "ana@example.org") == "PJFvgCgw9B4TUh6o4zOsAqil93BB5zrW52F-Lswism8");
  CHECK(unsubscribe_token("a secret for tests", "Ana@Example.ORG") == "PJFvgCgw9B4TUh6o4zOsAqil93BB5zrW52F-Lswism8");
}

TEST_CASE("only the address's own token is one") {
  const std::string token = unsubscribe_token("a secret for tests", "ana@example.org");
  CHECK(is_unsubscribe_token(token, "a secret for tests", "ana@example.org"));
  CHECK_FALSE(is_unsubscribe_token(token, "a secret for tests", "bob@example.org"));
  CHECK_FALSE(is_unsubscribe_token(token, "another secret", "ana@example.org"));
  CHECK_FALSE(is_unsubscribe_token("", "a secret for tests", "ana@example.org"));
  CHECK_FALSE(is_unsubscribe_token(token + "A", "a secret for tests", "ana@example.org"));
}

namespace {

constexpr const char* secret = "a secret for tests";
const Time now = *TimeParser().parse("2026-11-28T10:00:00Z");

}  // namespace

TEST_CASE("a subscription comes back from its token") {
  const Subscription wanted{"ana@example.org", {"Athens", "São Paulo"}, "Europe/Athens"};
  const std::string token = confirm_token(secret, wanted, now + std::chrono::hours(48));
  // Nothing in it means anything to a shell, a link or a mail.
  CHECK(token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
        std::string::npos);
  const auto read = confirmed_subscription(token, secret, now + std::chrono::hours(48));
  REQUIRE(read);
  CHECK(read->email == wanted.email);
  CHECK(read->cities == wanted.cities);
  CHECK(read->timezone == wanted.timezone);
  const auto all = confirmed_subscription(confirm_token(secret, {"bo@example.org", {}, ""}, now), secret, now);
  REQUIRE(all);
  CHECK(all->cities.empty());
}

TEST_CASE("a token that is too old, changed or of another secret confirms nothing") {
  const std::string token = confirm_token(secret, {"ana@example.org", {"Athens"}, ""}, now);
  const std::string other = confirm_token(secret, {"bob@example.org", {"Athens"}, ""}, now);
  CHECK(confirmed_subscription(token, secret, now));
  CHECK_FALSE(confirmed_subscription(token, secret, now + std::chrono::seconds(1)));
  CHECK_FALSE(confirmed_subscription(token, "another secret", now));
  CHECK_FALSE(confirmed_subscription("", secret, now));
  CHECK_FALSE(confirmed_subscription(".", secret, now));
  CHECK_FALSE(confirmed_subscription(token.substr(0, token.size() - 1), secret, now));
  CHECK_FALSE(confirmed_subscription(other.substr(0, other.find('.')) + token.substr(token.find('.')), secret, now));
  // The token of a link to unsubscribe is none.
  CHECK_FALSE(confirmed_subscription("." + unsubscribe_token(secret, "ana@example.org"), secret, now));
}
