#include "record/foreign_json.hpp"

#include <algorithm>
#include <cstddef>

#include "record/token_cursor.hpp"

namespace weir {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// The length of the string that the text begins with, with its quotes; all of the text when it is not closed.
std::size_t string_in(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

/// Whether a token may end at this character and another begin right after it.
bool separates(char c) { return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':'; }

bool in_token(char c) { return !is_blank(c) && !separates(c) && c != '"'; }

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

bool is_nan(std::string_view token) {
  constexpr std::size_t most = 16;
  if (token.size() < 3 || token.size() > most) return false;
  std::string text = lower(token);
  if (text.front() == '-' || text.front() == '+') text.erase(0, 1);
  return text == "nan" || text == "inf" || text == "infinity" || text == "nan(ind)" || text == "nan(snan)";
}

}  // namespace

std::string_view without_frame(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  return text;
}

void append_on_one_line(std::string& out, std::string_view json) {
  char before = ',';  // nothing to be separated from
  while (!json.empty()) {
    if (is_blank(json.front())) {
      const auto next = std::find_if_not(json.begin(), json.end(), is_blank);
      json.remove_prefix(static_cast<std::size_t>(next - json.begin()));
      if (!json.empty() && !separates(before) && !separates(json.front())) out += ' ';
      continue;
    }
    const std::size_t size = json.front() == '"' ? string_in(json) : 1;
    out += json.substr(0, size);
    before = json[size - 1];
    json.remove_prefix(size);
  }
}

bool append_without_nan(std::string& out, std::string_view json, std::string_view instead) {
  bool found = false;
  while (!json.empty()) {
    std::size_t size = 1;
    if (json.front() == '"') {
      size = string_in(json);
    } else if (in_token(json.front())) {
      size = static_cast<std::size_t>(std::find_if_not(json.begin(), json.end(), in_token) - json.begin());
    }
    const bool nan = is_nan(json.substr(0, size));
    out += nan ? instead : json.substr(0, size);
    found = found || nan;
    json.remove_prefix(size);
  }
  return found;
}

}  // namespace weir
