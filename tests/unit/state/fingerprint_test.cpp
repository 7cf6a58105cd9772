#include "state/fingerprint.hpp"
#include "catch.hpp"

using namespace weir;

TEST_CASE("fingerprints are those of RFC 9923") {
  CHECK(state::fingerprint("") == 0xcbf29ce484222325U);
  CHECK(state::fingerprint("a") == 0xaf63dc4c8601ec8cU);
  CHECK(state::fingerprint("foobar") == 0x85944171f73967e8U);
  CHECK(state::fingerprint("a", 1) != state::fingerprint("a"));
}
