// What the text of a cell means.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::csv_tail {

/// How a table writes numbers and what it writes for nothing.
struct CellRules {
  char decimal = '.';                     ///< between units and tenths
  std::vector<std::string> thousands{};   ///< marks between groups of three digits; any of them
  std::vector<std::string> null_texts{};  ///< cells with these texts are null

  /// Numbers are those of JSON, and only an empty cell is null.
  bool plain() const { return decimal == '.' && thousands.empty() && null_texts.empty(); }
  bool is_null(std::string_view cell) const;
  /// Appends a cell that is a number by these marks as a number of JSON, `+.5` as 0.5; else false, and `out` is as it
  /// was. Without the marks it must be a number of JSON but for a plus and digits on one side of the dot alone: `007`
  /// is none.
  bool append_number(std::string_view cell, std::string& out) const;
};

/// Whether a cell may be a number: it begins with a digit, a sign or the decimal mark.
inline bool may_begin_number(char c, char decimal = '.') {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == decimal;
}

/// What would give this text a value, such as `--decimal , makes it a number`; empty where nothing comes to mind.
std::string advice_for(std::string_view cell);

/// The text could be a number or a time: digits, and what stands between them. `T1` is a name.
bool looks_like_data(std::string_view cell);

}  // namespace weir::csv_tail
