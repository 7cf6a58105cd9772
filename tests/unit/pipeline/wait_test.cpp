#include "pipeline/wait.hpp"

#include <vector>

#include "fixtures.hpp"

using namespace weir;
using weir::test::Ends;

TEST_CASE("both sets of descriptors are waited for, however many they are") {
  std::vector<Ends> pipes(9);
  std::vector<pollfd> own;
  std::vector<pollfd> also;
  for (std::size_t i = 0; i < 4; ++i) own.push_back({pipes[i].read.get(), POLLIN, 0});
  for (std::size_t i = 4; i < 9; ++i) also.push_back({pipes[i].read.get(), POLLIN, 0});
  REQUIRE(::write(pipes[2].write.get(), "x", 1) == 1);
  REQUIRE(::write(pipes[8].write.get(), "x", 1) == 1);
  wait_for(own, also, no_limit);
  for (std::size_t i = 0; i < 4; ++i) CHECK(own[i].revents == (i == 2 ? POLLIN : 0));
  for (std::size_t i = 0; i < 5; ++i) CHECK(also[i].revents == (i == 4 ? POLLIN : 0));
}

TEST_CASE("a wait ends at its limit, without results of an earlier one") {
  Ends pipe;
  std::vector<pollfd> own{{pipe.read.get(), POLLIN, POLLIN}};
  std::vector<pollfd> also{{-1, POLLIN, POLLIN}};
  wait_for(own, also, WaitLimit(1));
  CHECK(own[0].revents == 0);
  CHECK(also[0].revents == 0);
  std::vector<pollfd> none;
  wait_for(none, also, WaitLimit::zero());
  CHECK(also[0].revents == 0);
}

TEST_CASE("the loss of the other end is reported without being asked for") {
  Ends pipe;
  pipe.read.reset(-1);
  std::vector<pollfd> own;
  std::vector<pollfd> also{{pipe.write.get(), 0, 0}};
  wait_for(own, also, no_limit);
  CHECK((also[0].revents & POLLERR) != 0);
}
