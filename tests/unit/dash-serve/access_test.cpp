#include "access.hpp"

#include "catch.hpp"
#include "subscriptions.hpp"

using namespace weir;
using namespace weir::dash_serve;

namespace {

web::Request with(web::Fields headers) { return {"GET", "/", {}, std::move(headers), "", ""}; }

}  // namespace

TEST_CASE("passwords and tokens") {
  const Access access({.secrets = {"ana:secret", "token-for-prometheus"}});
  CHECK(access.knows(with({{"authorization", "Basic YW5hOnNlY3JldA=="}})));
  CHECK(access.knows(with({{"authorization", "basic YW5hOnNlY3JldA=="}})));
  CHECK(access.knows(with({{"authorization", "Bearer token-for-prometheus"}})));
  CHECK_FALSE(access.knows(with({})));
  CHECK_FALSE(access.knows(with({{"authorization", "Basic YW5hOnNlY3JldB=="}})));
  CHECK_FALSE(
      access.knows(with({{"authorization", "Basic dG9rZW4tZm9yLXByb21ldGhldXM="}})));  // the token as a password
  CHECK_FALSE(access.knows(with({{"authorization", "Bearer ana:secret"}})));
  CHECK_FALSE(access.knows(with({{"authorization", "Bearer "}})));
  CHECK(Access({}).knows(with({})));
}

TEST_CASE("a page elsewhere cannot reach us by a name of its own") {
  const Access access({.public_url = "https://dash.example.org/weather"});
  for (const char* host : {"127.0.0.1:8080", "localhost", "[::1]:8080", "dash.example.org"})
    CHECK(access.is_our_host(with({{"host", host}})));
  for (const char* host : {"evil.example", "", "127.0.0.1.evil.example"})
    CHECK_FALSE(access.is_our_host(with({{"host", host}})));
  CHECK(Access({.loopback = false}).is_our_host(with({{"host", "anything"}})));
}

TEST_CASE("forms and streams are for our own page") {
  const Access access({.public_url = "https://dash.example.org"});
  const auto ours = [&](web::Fields headers) {
    return access.is_our_origin(with(std::move(headers)), Access::WithoutOrigin::refuse);
  };
  CHECK(ours({{"host", "localhost:8080"}, {"origin", "http://localhost:8080"}}));
  CHECK(ours({{"host", "localhost:8080"}, {"origin", "https://dash.example.org"}}));
  CHECK_FALSE(ours({{"host", "localhost:8080"}, {"origin", "http://localhost:9090"}}));
  CHECK_FALSE(ours({{"host", "localhost:8080"}, {"origin", "https://evil.example"}}));
  CHECK_FALSE(ours({{"host", "localhost:8080"}, {"origin", "null"}}));
  CHECK_FALSE(ours({{"host", "localhost:8080"}}));
  CHECK(access.is_our_origin(with({{"host", "x"}}), Access::WithoutOrigin::allow));
}

TEST_CASE("names in braces are replaced by values") {
  CHECK(fill_in("{email}", {{"email", "a@x.org"}}) == "a@x.org");
  CHECK(fill_in("--to={email},{email}", {{"email", "{email}"}}) == "--to={email},{email}");
  CHECK(fill_in("https://x/?e={{email}}&t={{token}}&{other}", {{"email", "a"}}) ==
        "https://x/?e={email}&t={token}&{other}");
  CHECK(fill_in("{email", {{"email", "a"}}) == "{email");
}

TEST_CASE("a command is split into arguments by the rules of a shell, without expansions") {
  using Arguments = std::vector<std::string>;
  CHECK(split_command("").empty());
  CHECK(split_command("  summary-mail  --welcome {email}\t-q ") ==
        Arguments{"summary-mail", "--welcome", "{email}", "-q"});
  CHECK(split_command(R"(a 'b  c' "d \"e\"" f\ g '' x'y'z)") == Arguments{"a", "b  c", "d \"e\"", "f g", "", "xyz"});
  CHECK(split_command("a; rm -rf $HOME `x` | y > z") ==
        Arguments{"a;", "rm", "-rf", "$HOME", "`x`", "|", "y", ">", "z"});
  CHECK_THROWS_AS(split_command("a 'b"), std::invalid_argument);
}
