#include "record/field_as.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "record/trimmed.hpp"

namespace weir {
namespace {

constexpr std::string_view blanks = " \t";

bool is_blank(std::string_view text, std::size_t at) { return blanks.find(text[at]) != std::string_view::npos; }

/// The position of the last `as` with blanks around it, or at an end, in any case; npos when there is none.
std::size_t find_as(std::string_view text) {
  if (text.size() <= 2) return std::string_view::npos;  // a field of that name
  for (std::size_t at = text.size() - 1; at-- > 0;) {
    const bool is_as = (text[at] == 'a' || text[at] == 'A') && (text[at + 1] == 's' || text[at + 1] == 'S');
    const bool ends = at + 2 == text.size() || is_blank(text, at + 2);
    if (is_as && ends && (at == 0 || is_blank(text, at - 1))) return at;
  }
  return std::string_view::npos;
}

}  // namespace

FieldAs read_field_as(std::string_view text) {
  const std::string_view all = trimmed(text);
  const auto fail = [all](std::string_view problem) {
    throw std::invalid_argument(fmt::format("'{}' {}; the form is FIELD as NAME", all, problem));
  };
  const std::size_t as = find_as(all);
  if (as == std::string_view::npos) {
    if (all.empty()) fail("has no field");
    return {std::string(all)};
  }
  const std::string_view path = trimmed(all.substr(0, as));
  const std::string_view name = trimmed(all.substr(as + 2));
  if (path.empty()) fail("has no field before 'as'");
  if (all.substr(as, 2) != "as") fail("has 'as' in capitals");
  if (name.empty()) fail("has no name after 'as'");
  if (name.front() == '"' || name.front() == '\'') fail("has a name in quotes");
  return {std::string(path), std::string(name)};
}

}  // namespace weir
