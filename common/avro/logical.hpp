// Avro's dates and times between text and numbers.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "avro/schema.hpp"
#include "time/timestamp.hpp"

namespace weir::avro {

/// Whether the type is written as text of a date or a time.
bool is_time(Logical logical);

/// Reads the texts of dates and times. Remembers the last day, so not thread-safe.
class TimeReader {
 public:
  /// The number that stands for a text, in the type's unit; digits beyond the unit are cut. False when the text is not
  /// one of the type: a timestamp without an offset is UTC, a local one must not have an offset.
  bool read(Logical logical, std::string_view text, std::int64_t& number);

 private:
  TimeParser parser_;
};

/// Appends the text, with quotes. False for years before 0 or after 9999, and for more than a day of a time.
bool append_time_text(std::string& out, Logical logical, std::int64_t number);

}  // namespace weir::avro
