// One field's value, as it stands in the record's line.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "record/number.hpp"

namespace weir {

/// What a JSON token is; `missing` is a field that the record does not have.
enum class Kind : std::uint8_t { missing, null, boolean, number, string, object, array };

/// A value and its bytes. The views point into the record's line, or into memory that the record owns; they live as
/// long as the record does, that is, to the end of the call it was given to.
struct Value {
  Kind kind = Kind::missing;
  std::string_view raw;   ///< the token as it came, quotes and all; empty when missing
  std::string_view text;  ///< a string's content with escapes resolved; for anything else the same as raw

  /// Neither missing nor null: there is something to work with.
  bool present() const { return kind != Kind::missing && kind != Kind::null; }

  /// The value of a number; nothing for any other kind, strings of digits included.
  std::optional<double> number() const {
    return kind == Kind::number ? parse_json_number(raw) : std::optional<double>();
  }

  bool is_true() const { return kind == Kind::boolean && raw == "true"; }
};

}  // namespace weir
