#include "record/token_order.hpp"

#include <bit>
#include <cmath>

#include "record/number.hpp"

namespace weir {
namespace {

enum Rank : int { null_rank, false_rank, true_rank, number_rank, string_rank, array_rank, object_rank };

Rank rank_of(std::string_view token) {
  if (token.empty()) return null_rank;
  switch (token.front()) {
    case 'n':
      return null_rank;
    case 'f':
      return false_rank;
    case 't':
      return true_rank;
    case '"':
      return string_rank;
    case '[':
      return array_rank;
    case '{':
      return object_rank;
    default:
      return number_rank;
  }
}

int sign(int order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

template <typename T>
int compare_values(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_by_length(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? compare_values(a.size(), b.size()) : sign(a.compare(b));
}

bool is_whole(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

bool is_negative(std::string_view number) { return number.front() == '-'; }

/// JSON's whole numbers have no leading zeros, so the longer of two has the greater magnitude.
int compare_whole(std::string_view a, std::string_view b) {
  const bool negative = is_negative(a);
  if (negative != is_negative(b)) {
    if (a == "-0" || b == "-0") return compare_by_length(a, b);  // -0 equals 0 and is the longer one
    return negative ? -1 : 1;
  }
  return negative ? compare_by_length(b, a) : compare_by_length(a, b);
}

/// Beyond a double's range, the sign decides.
double value_of(std::string_view number) {
  if (const auto value = parse_json_number(number)) return *value;
  return is_negative(number) ? -HUGE_VAL : HUGE_VAL;
}

}  // namespace

std::uint64_t order_prefix(std::string_view token) {
  constexpr int rank_bits = 8;
  const Rank rank = rank_of(token);
  std::uint64_t rest = 0;
  if (rank == number_rank) {
    // The bits of doubles order like their values once those of negative ones are inverted; -0 is 0.
    const double value = value_of(token);
    const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
    rest = (bits >> 63) != 0 ? ~bits : bits | (std::uint64_t{1} << 63);
    rest >>= rank_bits;
  } else if (rank == string_rank) {
    for (std::size_t i = 1; i < 8; ++i)
      rest = rest << 8 | (i + 1 < token.size() ? static_cast<unsigned char>(token[i]) : 0U);
  }
  return static_cast<std::uint64_t>(rank) << (64 - rank_bits) | rest;
}

int compare_number_tokens(std::string_view a, std::string_view b) {
  const double x = value_of(a);
  const double y = value_of(b);
  if (x != y) return x < y ? -1 : 1;
  if (is_whole(a) && is_whole(b)) return compare_whole(a, b);
  return compare_by_length(a, b);
}

int compare_tokens(std::string_view a, std::string_view b) {
  const Rank left = rank_of(a);
  const Rank right = rank_of(b);
  if (left != right) return left < right ? -1 : 1;
  switch (left) {
    case number_rank:
      return compare_number_tokens(a, b);
    case string_rank:
      // Closing quotes are left out: they would sort between the blank and the letters.
      return sign(a.substr(1, a.size() - 2).compare(b.substr(1, b.size() - 2)));
    case array_rank:
    case object_rank:
      return sign(a.compare(b));
    default:
      return 0;
  }
}

}  // namespace weir
