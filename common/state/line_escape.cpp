#include "state/line_escape.hpp"

namespace weir::state {

void append_escaped(std::string& line, std::string_view bytes) {
  constexpr std::string_view unfit("\n\0\\", 3);
  for (;;) {
    const std::size_t at = bytes.find_first_of(unfit);
    line += bytes.substr(0, at);
    if (at == std::string_view::npos) return;
    line += '\\';
    line += bytes[at] == '\n' ? 'n' : bytes[at] == '\0' ? '0' : '\\';
    bytes.remove_prefix(at + 1);
  }
}

void append_unescaped(std::string& bytes, std::string_view escaped) {
  for (;;) {
    const std::size_t at = escaped.find('\\');
    bytes += escaped.substr(0, at);
    if (at == std::string_view::npos || at + 1 == escaped.size()) return;
    const char kind = escaped[at + 1];
    bytes += kind == 'n' ? '\n' : kind == '0' ? '\0' : kind;
    escaped.remove_prefix(at + 2);
  }
}

}  // namespace weir::state
