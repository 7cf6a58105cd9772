#include "inputs.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "record/field_set.hpp"
#include "record/parser.hpp"
#include "record/trimmed.hpp"

namespace weir::ml_call {

Input read_input(std::string_view text) {
  Input input;
  const std::size_t dash = text.find(":-");
  const std::string_view source = trimmed(text.substr(0, dash));
  const std::size_t equals = source.find('=');
  input.field = trimmed(equals == std::string_view::npos ? source : source.substr(equals + 1));
  input.name = equals == std::string_view::npos ? FieldSet::plain_name(input.field.empty() ? "?" : input.field)
                                                : std::string(trimmed(source.substr(0, equals)));
  if (input.field.empty() || input.name.empty())
    throw std::invalid_argument(fmt::format("--input: '{}' is not FIELD, NAME=FIELD or FIELD:-DEFAULT", text));
  if (dash == std::string_view::npos) return input;
  input.fallback = std::string(trimmed(text.substr(dash + 2)));
  FieldSet none;
  if (RecordParser(none, Checking::every_token).parse_copy("{\"x\":" + *input.fallback + '}', 1) == nullptr)
    throw std::invalid_argument(fmt::format("--input {}: the default is not JSON, such as 7.5 or \"text\"", text));
  return input;
}

}  // namespace weir::ml_call
