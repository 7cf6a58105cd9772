#include "in_flight_records.hpp"

#include "catch.hpp"

using namespace weir::kafka_pub;

TEST_CASE("numbers of records in flight are used again") {
  InFlightRecords records;
  const auto first = records.keep(1, "a", "t");
  const auto second = records.keep(2, "b", "");
  CHECK(first != second);
  records.release(first);
  CHECK(records.keep(3, "c", "u") == first);
  CHECK(records[first].line == 3);
  CHECK(records[first].topic == "u");
  CHECK(records[second].raw == "b");
}
