#include "net/kafka/queue_room.hpp"

#include "catch.hpp"

using weir::kafka::QueueRoom;

TEST_CASE("a queue that was full wants more once it is half empty, once") {
  QueueRoom room(8000);
  CHECK_FALSE(room.took(1000, 9000));
  CHECK_FALSE(room.took(1000, 5000));
  CHECK_FALSE(room.took(1000, 4000));
  CHECK(room.took(1000, 3999));
  CHECK_FALSE(room.took(1000, 2999));
}

TEST_CASE("a queue that was full before many were taken was full") {
  QueueRoom room(8000);
  CHECK_FALSE(room.took(1000, 7000));
  CHECK(room.took(4000, 3000));
}

TEST_CASE("a queue that a single call empties wants more with the next one") {
  QueueRoom room(1000);
  CHECK_FALSE(room.took(1000, 0));
  CHECK(room.took(0, 0));
}

TEST_CASE("a queue that was never full is not woken") {
  QueueRoom room(8000);
  CHECK_FALSE(room.took(1000, 6999));
  CHECK_FALSE(room.took(1000, 10));
  CHECK_FALSE(room.took(10, 0));
}
