#include "net/http_server/credentials.hpp"

#include "catch.hpp"

using namespace weir::web;

namespace {

Request with(std::string authorization) {
  Request request;
  request.headers.emplace_back("authorization", std::move(authorization));
  return request;
}

}  // namespace

TEST_CASE("names with passwords, and tokens") {
  const Logins logins({"ana:se:cret", "token-1"});
  CHECK(logins.know(with("Basic YW5hOnNlOmNyZXQ=")));  // ana:se:cret
  CHECK(logins.know(with("basic YW5hOnNlOmNyZXQ=")));
  CHECK(logins.know(with("Bearer token-1")));
  CHECK(logins.know(with("Token token-1")));
  CHECK_FALSE(logins.know(with("Bearer token-2")));
  CHECK_FALSE(logins.know(with("Bearer ana:se:cret")));
  CHECK_FALSE(logins.know(with("Basic dG9rZW4tMQ==")));  // token-1
  CHECK_FALSE(logins.know(with("")));
  CHECK_FALSE(logins.know({}));
  CHECK(Logins({}).know({}));
}

TEST_CASE("a signature is that of RFC 4231's second case") {
  const std::string hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const std::string body = "what do ya want for nothing?";
  CHECK(is_signature(hex, "Jefe", body));
  CHECK(is_signature("sha256=" + hex, "Jefe", body));
  CHECK(is_signature("SHA256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", "Jefe", body));
  CHECK_FALSE(is_signature(hex, "jefe", body));
  CHECK_FALSE(is_signature(hex, "Jefe", body + " "));
  CHECK_FALSE(is_signature(hex.substr(1), "Jefe", body));
  CHECK_FALSE(is_signature("", "Jefe", body));
}

TEST_CASE("a digest is the beginning of SHA-256") { CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223"); }
