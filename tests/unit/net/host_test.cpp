#include "net/host.hpp"

#include "catch.hpp"

using weir::net::is_this_machine;

TEST_CASE("loopback is this machine, anything else may not be") {
  CHECK(is_this_machine("localhost"));
  CHECK(is_this_machine("127.0.0.1"));
  CHECK(is_this_machine("127.8.9.1"));
  CHECK(is_this_machine("::1"));
  CHECK(is_this_machine("[::1]"));
  CHECK_FALSE(is_this_machine("128.0.0.1"));
  CHECK_FALSE(is_this_machine("0.0.0.0"));
  CHECK_FALSE(is_this_machine("localhost.example.org"));
  CHECK_FALSE(is_this_machine("127.0.0.1.example.org"));
  CHECK_FALSE(is_this_machine("broker"));
  CHECK_FALSE(is_this_machine(""));
}
