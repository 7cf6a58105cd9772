#include "net/kafka/queue_room.hpp"

#include <cstddef>
#include <initializer_list>

#include "catch.hpp"

namespace {

/// A call of took(), and its answer.
struct Call {
  std::size_t taken, left;
  bool wants_more;
};

void check(std::size_t full, std::initializer_list<Call> calls) {
  weir::kafka::QueueRoom room(full);
  for (const Call& call : calls) {
    CAPTURE(call.taken, call.left);
    CHECK(room.took(call.taken, call.left) == call.wants_more);
  }
}

}  // namespace

TEST_CASE("a queue that was full wants more once it is half empty, once") {
  check(8000, {{1000, 9000, false}, {1000, 5000, false}, {1000, 4000, false}, {1000, 3999, true}, {1000, 2999, false}});
}

TEST_CASE("a queue that was full before many were taken was full") {
  check(8000, {{1000, 7000, false}, {4000, 3000, true}});
}

TEST_CASE("a queue that a single call empties wants more with the next one") {
  check(1000, {{1000, 0, false}, {0, 0, true}});
}

TEST_CASE("a queue that was never full is not woken") {
  check(8000, {{1000, 6999, false}, {1000, 10, false}, {10, 0, false}});
}
