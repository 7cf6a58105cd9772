// A field and the name that it has in new records: `city as town`.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// `FIELD` or `FIELD as NAME`.
struct FieldAs {
  std::string path;
  std::string name{};  ///< empty when not given
};

/// Reads one. Throws std::invalid_argument, with the form, for `as` without a name, in capitals or with a quoted name.
FieldAs read_field_as(std::string_view text);

}  // namespace weir
