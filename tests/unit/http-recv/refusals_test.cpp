// What is reported of refused requests.
#include "requests/refusals.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "catch.hpp"
#include "kept_log.hpp"

using namespace std::chrono_literals;
using weir::requests::Refusals;

TEST_CASE("the first refusal of a code is reported at once, the others once a minute and at the end") {
  Refusals refusals;
  weir::KeptLog log;
  const Refusals::Clock::time_point start{};
  refusals.note("413", "the body is too large", "10.0.0.1", start, log);
  refusals.note("413", "the body is too large", "10.0.0.2", start + 1s, log);
  refusals.note("401", "the signature is wrong", "10.0.0.3", start + 2s, log);
  refusals.note("413", "the body is too large", "10.0.0.4", start + 59s, log);
  const std::vector<std::string> at_once{"refused a request of 10.0.0.1 with 413: the body is too large",
                                         "refused a request of 10.0.0.3 with 401: the signature is wrong"};
  CHECK(log.messages == at_once);

  log.messages.clear();
  refusals.note("413", "the body is larger", "10.0.0.5", start + 60s, log);
  CHECK(log.messages ==
        std::vector<std::string>{"more requests refused with 413: 3; the last one, of 10.0.0.5: the body is larger"});

  log.messages.clear();
  refusals.note("413", "the body is too large", "10.0.0.6", start + 119s, log);
  CHECK(log.messages.empty());
  refusals.report(log);
  CHECK(log.messages == std::vector<std::string>{
                            "more requests refused with 413: 1; the last one, of 10.0.0.6: the body is too large"});
  log.messages.clear();
  refusals.report(log);
  CHECK(log.messages.empty());
}
