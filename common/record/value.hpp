// A field's value, as it stands in the record's line.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "record/number.hpp"

namespace weir {

/// The kind of a JSON token; `missing` is a field that the record does not have.
enum class Kind : std::uint8_t { missing, null, boolean, number, string, object, array };

/// A value and its bytes. Its views point into the record's line, or into memory of the record. They live until the
/// call that receives the record returns.
struct Value {
  Kind kind = Kind::missing;
  std::string_view raw;   ///< the token with its quotes; empty when missing
  std::string_view text;  ///< a string with escapes resolved; otherwise the same as raw

  /// Whether the value is neither missing nor null.
  bool present() const { return kind != Kind::missing && kind != Kind::null; }

  /// The value of a number. Nothing for any other kind, strings of digits included, and for a number beyond a double's
  /// range.
  std::optional<double> number() const {
    double value = 0;
    return read(value) ? std::optional(value) : std::nullopt;
  }

  /// As number(), into `number`; returns false when there is none.
  bool read(double& number) const {
    if (kind != Kind::number) return false;
    number = fast_number;
    return number == number || parse_json_number(raw, number);
  }

  /// Checks the grammar of a number's token and, where its digits are few, stores its value. Returns false when it is
  /// not a JSON number.
  template <Readable readable = Readable::text>
  [[gnu::always_inline]] bool read_number() {
    return scan_short_number<readable>(raw.data(), raw.size(), fast_number) || scan_json_number(raw, fast_number);
  }

  bool is_true() const { return kind == Kind::boolean && raw == "true"; }

  double fast_number = std::numeric_limits<double>::quiet_NaN();  ///< NaN: not known yet, number() reads the token
};

}  // namespace weir
