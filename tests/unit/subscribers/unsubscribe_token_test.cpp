#include "subscribers/unsubscribe_token.hpp"

#include "catch.hpp"

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
