#include "net/redis/command.hpp"

#include <array>
#include <charconv>

namespace weir::redis {
namespace {

void append_head(std::string& out, char sign, std::size_t size) {
  std::array<char, 24> text;
  text[0] = sign;
  char* end = std::to_chars(text.data() + 1, text.data() + text.size() - 2, size).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text.data(), end);
}

}  // namespace

void append_arguments(std::string& out, std::size_t count) { append_head(out, '*', count); }

void append_argument(std::string& out, std::string_view argument) {
  append_head(out, '$', argument.size());
  out += argument;
  out += "\r\n";
}

void append_command(std::string& out, std::initializer_list<std::string_view> arguments) {
  append_arguments(out, arguments.size());
  for (const std::string_view argument : arguments) append_argument(out, argument);
}

}  // namespace weir::redis
