#include "state/line_escape.hpp"

#include <algorithm>
#include <array>

namespace weir::state {

void append_escaped(std::string& line, std::string_view bytes) {
  // One memchr() a kind; find_first_of() would call it for each byte.
  struct Kind {
    char byte, name;
    std::size_t next;
  };
  std::array<Kind, 3> kinds{{{'\n', 'n', 0}, {'\0', '0', 0}, {'\\', '\\', 0}}};
  for (Kind& kind : kinds) kind.next = bytes.find(kind.byte);
  for (std::size_t from = 0;;) {
    Kind& first = *std::min_element(kinds.begin(), kinds.end(), [](auto& a, auto& b) { return a.next < b.next; });
    if (first.next == std::string_view::npos) {
      line += bytes.substr(from);
      return;
    }
    line += bytes.substr(from, first.next - from);
    line += '\\';
    line += first.name;
    from = first.next + 1;
    first.next = bytes.find(first.byte, from);
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
