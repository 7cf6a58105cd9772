#include "cell_rules.hpp"

#include <algorithm>
#include <cctype>

#include "record/number.hpp"
#include "time/digits.hpp"

namespace weir::csv_tail {
namespace {

std::size_t digits_in(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

/// The length of the mark that the text begins with; 0 for none.
std::size_t mark_in(std::string_view text, const std::vector<std::string>& marks) {
  for (const std::string& mark : marks)
    if (text.starts_with(mark)) return mark.size();
  return 0;
}

}  // namespace

bool CellRules::is_null(std::string_view cell) const {
  return std::find(null_texts.begin(), null_texts.end(), cell) != null_texts.end();
}

bool CellRules::append_number(std::string_view cell, std::string& out) const {
  const std::size_t begin = out.size();
  const auto give_up = [&out, begin] {
    out.resize(begin);
    return false;
  };
  std::string_view rest = cell;
  const auto take = [&](std::size_t size) {
    out += rest.substr(0, size);
    rest.remove_prefix(size);
  };
  if (rest.starts_with('+'))
    rest.remove_prefix(1);
  else if (rest.starts_with('-'))
    take(1);
  const std::size_t first = digits_in(rest);
  const bool bare = first == 0 && rest.starts_with(decimal) && digits_in(rest.substr(1)) > 0;
  if (bare) out += '0';
  take(first);
  if (first <= 3) {  // else there are no groups
    for (;;) {
      const std::size_t mark = mark_in(rest, thousands);
      if (mark == 0 || digits_in(rest.substr(mark)) != 3) break;
      rest.remove_prefix(mark);
      take(3);
    }
  }
  if (rest.starts_with(decimal) && (first > 0 || bare)) {
    const std::size_t tenths = digits_in(rest.substr(1));
    if (tenths > 0)
      out += '.';
    else if (rest.size() > 1)
      return give_up();
    rest.remove_prefix(1);
    take(tenths);
  }
  const bool exponent = rest.starts_with('e') || rest.starts_with('E');
  if (exponent) take(rest.size());
  if (rest.empty() && is_json_number(std::string_view(out).substr(begin))) return true;
  return give_up();
}

std::string advice_for(std::string_view cell) {
  for (const std::string_view nothing : {"nan", "NaN", "NAN", "N/A", "#N/A"})
    if (cell == nothing) return "--null " + std::string(cell) + " makes it null";
  if (cell.find(',') == std::string_view::npos ||
      !(is_digit(cell.front()) || cell.front() == '-' || cell.front() == '+'))
    return {};
  const bool dot = cell.find('.') != std::string_view::npos;
  std::string number;
  if (CellRules{.thousands = {","}}.append_number(cell, number)) {
    const bool sure = dot || std::count(cell.begin(), cell.end(), ',') > 1;
    return sure ? "--thousands , makes it a number" : "--decimal , or --thousands , makes it a number";
  }
  if (CellRules{.decimal = ',', .thousands = {"."}}.append_number(cell, number))
    return dot ? "--decimal , --thousands . make it a number" : "--decimal , makes it a number";
  return {};
}

bool looks_like_data(std::string_view cell) {
  static constexpr std::string_view between = "0123456789+-.,:/ TZeE'";
  return cell.find_first_of("0123456789") != std::string_view::npos &&
         !std::isalpha(static_cast<unsigned char>(cell[0])) &&
         cell.find_first_not_of(between) == std::string_view::npos;
}

}  // namespace weir::csv_tail
