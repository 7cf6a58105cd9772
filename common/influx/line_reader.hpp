// Line protocol, as Telegraf and InfluxDB's clients write it, to records.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "influx/precision.hpp"
#include "time/time_types.hpp"

namespace weir::influx {

/// Reads points: `weather,city=Athens temperature_c=21.5,n=3i 1767225600000000000` becomes
/// `{"timestamp":"2026-01-01T00:00:00Z","measurement":"weather","city":"Athens","temperature_c":21.5,"n":3}`.
class LineReader {
 public:
  /// Appends the record of a line without its end. Returns false where it is not a point, and appends nothing: reason()
  /// then tells why. A point without a time gets `received`.
  bool read(std::string_view line, Precision precision, Time received, std::string& out);
  const std::string& reason() const { return reason_; }

  /// The length of the first point of a text, up to its line break: one in a string of a field belongs to the point.
  static std::size_t length_of_first(std::string_view text);

  /// Whether a line holds no point: blank, or a comment.
  static bool is_blank(std::string_view line);

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool read_name(std::string_view& rest, std::string_view ends, std::string& name);
  bool read_value(std::string_view& rest, std::string& token);
  bool read_string(std::string_view& rest, std::string& token);

  std::string measurement_, name_, text_, token_, members_;
  std::string reason_;
};

}  // namespace weir::influx
