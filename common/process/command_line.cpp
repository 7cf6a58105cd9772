#include "process/command_line.hpp"

#include <stdexcept>
#include <utility>

namespace weir::process {

std::vector<std::string> split_command(std::string_view command) {
  std::vector<std::string> arguments;
  std::string argument;
  bool in_argument = false;
  char quote = '\0';
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else if (c == '\\' && quote == '"' && i + 1 < command.size())
        argument += command[++i];
      else
        argument += c;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\n') {
      if (in_argument) arguments.push_back(std::exchange(argument, {}));
      in_argument = false;
      continue;
    }
    in_argument = true;
    if (c == '\'' || c == '"')
      quote = c;
    else if (c == '\\' && i + 1 < command.size())
      argument += command[++i];
    else
      argument += c;
  }
  if (quote != '\0') throw std::invalid_argument("a quote is not closed");
  if (in_argument) arguments.push_back(std::move(argument));
  return arguments;
}

}  // namespace weir::process
