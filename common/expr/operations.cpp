#include "expr/operations.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "record/decimal.hpp"
#include "record/number.hpp"
#include "record/trimmed.hpp"

namespace weir::expr {
namespace {

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

/// The byte at which the character of that number begins, from 0; the end when there are fewer.
std::size_t byte_of(std::string_view text, double number) {
  std::size_t at = 0;
  for (; number > 0 && at < text.size(); --number) do
      ++at;
    while (at < text.size() && !begins_character(text[at]));
  return at;
}

/// The characters [from, from + count), from 0.
std::string_view characters(std::string_view text, double from, double count) {
  const double end = from + count;
  from = std::max(from, 0.0);
  if (!(end > from)) return {};
  text.remove_prefix(byte_of(text, from));
  return text.substr(0, byte_of(text, end - from));
}

struct Letters {
  std::uint32_t first;  ///< capitals
  std::uint32_t last;
  std::uint32_t apart;  ///< from a capital to its small letter
};
constexpr Letters letters[] = {{'A', 'Z', 32},     {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},  {0x391, 0x3A1, 32},
                               {0x3A3, 0x3A9, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32}};

/// The character in the other case, which has as many bytes.
std::uint32_t in_case(std::uint32_t character, Code code) {
  for (const Letters& each : letters) {
    const std::uint32_t apart = code == Code::lower ? 0 : each.apart;
    if (character < each.first + apart || character > each.last + apart) continue;
    return code == Code::lower ? character + each.apart : character - each.apart;
  }
  return character;
}

void append_in_case(std::string& out, std::string_view text, Code code) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool two_bytes = (byte & 0xE0U) == 0xC0U && i + 1 < text.size();
    if (two_bytes) {
      const auto next = static_cast<unsigned char>(text[++i]);
      const std::uint32_t made = in_case((byte & 0x1FU) << 6U | (next & 0x3FU), code);
      out += static_cast<char>(0xC0U | made >> 6U);
      out += static_cast<char>(0x80U | (made & 0x3FU));
    } else {
      out += static_cast<char>(byte < 0x80 ? in_case(byte, code) : byte);
    }
  }
}

Result too_long() {
  Result result;
  result.type = Type::error;
  result.fault = Fault::too_long;
  result.found = Type::string;
  return result;
}

Result replaced(std::string_view text, std::string_view from, std::string_view to, std::string& made) {
  if (from.empty() || text.find(from) == std::string_view::npos) return Result::of(text);
  for (std::size_t at = 0;;) {
    const std::size_t found = text.find(from, at);
    made += text.substr(at, found - at);
    if (found != std::string_view::npos) made += to;
    if (made.size() > max_text) return too_long();
    if (found == std::string_view::npos) return Result::of(std::string_view(made));
    at = found + from.size();
  }
}

Result rounded(const Result& x, double decimals) {
  const auto places = static_cast<int>(std::clamp(std::trunc(decimals), -400.0, 400.0));
  if (x.text.size() > few_digits && x.text.find_first_of(".eE") == std::string_view::npos && places >= 0) return x;
  return Result::of(round_decimals(x.number, places));
}

}  // namespace

std::partial_ordering digits_order(std::string_view a, std::string_view b) { return compare_digits(a, b) <=> 0; }

Result difference(const Result& a, const Result& b, std::string& made) {
  const double nearest = nearest_difference(a.text, b.text);
  if (!std::isfinite(nearest) || std::abs(nearest) < exact_integers) return Result::of(nearest);
  made.clear();
  append_difference(made, a.text, b.text);
  return Result::of(nearest, made);
}

std::strong_ordering text_order(std::string_view a, std::string_view b) { return a <=> b; }

Result text_test(Code code, std::string_view a, std::string_view b) {
  if (code == Code::contains) return Result::of(a.find(b) != std::string_view::npos);
  return Result::of(code == Code::starts_with ? a.starts_with(b) : a.ends_with(b));
}

std::size_t operands_of_call(Code code) {
  if (code < Code::round_to) return 0;
  if (code == Code::substr || code == Code::replace) return 3;
  return code == Code::round_to || code >= Code::left ? 2 : 1;
}

Type wanted_by_call(Code code, std::size_t place) {
  if (code == Code::round_to) return Type::number;
  return place == 0 || code == Code::replace ? Type::string : Type::number;
}

Result call(Code code, const Result* operands, std::string& made) {
  const std::string_view text = operands[0].text;
  made.clear();
  switch (code) {
    case Code::round_to:
      return rounded(operands[0], operands[1].number);
    case Code::length:
      return Result::of(static_cast<double>(count_characters(text)));
    case Code::trim:
      return Result::of(trimmed(text));
    case Code::left:
      return Result::of(characters(text, 0, std::trunc(operands[1].number)));
    case Code::right: {
      const auto all = static_cast<double>(count_characters(text));
      const double count = std::min(std::trunc(operands[1].number), all);
      return Result::of(characters(text, all - count, count));
    }
    case Code::substr_from:
    case Code::substr: {
      const auto all = static_cast<double>(count_characters(text));
      const double from = std::trunc(operands[1].number);  // from 1; below 0 from the end
      const double count = code == Code::substr ? std::trunc(operands[2].number) : all + std::abs(from) + 1;
      return Result::of(characters(text, from < 0 ? all + from : from - 1, count));
    }
    case Code::replace:
      return replaced(text, operands[1].text, operands[2].text, made);
    default:
      append_in_case(made, text, code);
      return Result::of(std::string_view(made));
  }
}

Result concat(const Result& a, const Result& b, std::string& made) {
  made.clear();
  for (const Result* each : {&a, &b}) {
    if (each->type == Type::boolean)
      made += each->truth ? "true" : "false";
    else if (each->type == Type::number && each->text.empty())
      append_number(made, each->number);
    else
      made += each->text;
  }
  return made.size() > max_text ? too_long() : Result::of(std::string_view(made));
}

}  // namespace weir::expr
