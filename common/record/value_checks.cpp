#include "record/value_checks.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir {

Verdict reject_number(std::string_view name, const Value& value) {
  return Verdict::reject(
      fmt::format("{} is not a number{}", name, value.kind == Kind::number ? " that a double can hold" : ""));
}

Verdict read_rev(const Value& value, std::uint64_t& rev) {
  rev = 0;
  if (!value.present()) return Verdict::ok();
  const char* const end = value.raw.data() + value.raw.size();
  const auto [stop, error] = std::from_chars(value.raw.data(), end, rev);
  if (value.kind != Kind::number || error != std::errc() || stop != end)
    return Verdict::reject("rev is not a whole number");
  return Verdict::ok();
}

}  // namespace weir
