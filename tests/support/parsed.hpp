// A line of a test as a record.
#pragma once
#include <string_view>

#include "catch.hpp"
#include "record/parser.hpp"

namespace weir::test {

/// The record on a line; valid until the parser's next one.
inline const Record& parsed(RecordParser& parser, std::string_view line) {
  const Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  return *record;
}

}  // namespace weir::test
