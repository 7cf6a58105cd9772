#include "influx/line_writer.hpp"

#include <algorithm>

namespace weir::influx {
namespace {

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
}

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.back() != '\\' && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
}

bool is_measurement(std::string_view text) {
  if (!is_name(text) || text.front() == '#') return false;
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 1))
    if (std::string_view("\\,=\" ").find(text[at + 1]) != std::string_view::npos) return false;
  return true;
}

void append_measurement(std::string& out, std::string_view text) { append_escaped(out, text, ", "); }

void append_key(std::string& out, std::string_view text) { append_escaped(out, text, ",= "); }

void append_text(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, "\"\\");
  out += '"';
}

}  // namespace weir::influx
