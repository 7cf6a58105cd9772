// Points in InfluxDB's line protocol: `measurement,tag=value field=value time`.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::influx {

/// The type of a field. A column of InfluxDB keeps the type of its first point.
enum class Type : std::uint8_t { by_value, floating, integer, unsigned_integer, string, boolean };

/// Whether text can be a measurement, tag or the name of a field: not empty, without line ends and other control
/// characters, no backslash at its end. A measurement also does not begin with `#`, a comment, and has no backslash
/// before a backslash, comma, equals sign, quote or blank: InfluxDB 1 takes `\=` and `=` for one name.
bool is_name(std::string_view text);
bool is_measurement(std::string_view text);

/// Append names and values with their escapes; the texts are such names.
void append_measurement(std::string& out, std::string_view text);
void append_key(std::string& out, std::string_view text);
/// The value of a field of text, in quotes.
void append_text(std::string& out, std::string_view text);

}  // namespace weir::influx
