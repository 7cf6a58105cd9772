// What an InfluxDB server answers to a write.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::influx {

/// What became of the points of a write.
enum class Outcome : std::uint8_t {
  written,
  refused,    ///< one of them or all; the rest may be written
  too_large,  ///< none: there are too many bytes
  retry,      ///< none or some: the same may succeed later
  end         ///< none, and only a person can help: rights, no such database
};

/// The outcome by status and body. Servers of version 2 report a field of another type with 500 too. A page, and any
/// text with 2xx, comes from something else that answers in the server's place.
Outcome outcome_of(int status, std::string_view body);

/// The server's own text for a message: the `error` or `message` of a JSON body, else its first line; on one line, of
/// 300 bytes at most, UTF-8.
std::string text_of(std::string_view body);

}  // namespace weir::influx
