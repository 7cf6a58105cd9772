#include "record/value_checks.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir {
namespace {

/// Text such as `21,5`: a number as many countries write it.
bool has_decimal_comma(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t comma = text.find(',');
  return comma != 0 && comma != std::string_view::npos && comma + 1 < text.size() &&
         text.find_first_not_of("0123456789", comma + 1) == std::string_view::npos &&
         text.find_first_not_of("0123456789") == comma;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t size = most;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) --size;
  return std::string(text.substr(0, size)) + "…";
}

std::string_view number_help(std::string_view text) {
  return has_decimal_comma(text) ? " (csv-tail --decimal , makes it one)" : "";
}

std::string not_a_number_text(std::string_view name, const Value& value) {
  const std::string_view help = value.kind == Kind::number   ? " that a double can hold"
                                : value.kind == Kind::string ? number_help(value.text)
                                                             : "";
  return fmt::format("{} {} is not a number{}", name, shortened(value.raw), help);
}

Verdict reject_number(std::string_view name, const Value& value) {
  return Verdict::reject(not_a_number_text(name, value));
}

std::string absent_text(std::string_view name, const Value& value) {
  return fmt::format("{} is {}: left out", name, value.kind == Kind::null ? "null" : "missing");
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
