// The formats of strings that are checked.
#pragma once
#include <string_view>

namespace weir::schema {

/// Whether a string is of a format; nullptr for a format that is not checked.
using FormatCheck = bool (*)(std::string_view text);

/// The check of date-time, date, time, ipv4, ipv6 and uuid.
FormatCheck format_check(std::string_view name);

}  // namespace weir::schema
