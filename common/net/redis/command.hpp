// Commands as Redis reads them (RESP: an array of byte strings).
#pragma once
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace weir::redis {

/// Appends the beginning of a command of so many arguments, its name among them.
void append_arguments(std::string& out, std::size_t count);
/// Appends the next argument: any bytes.
void append_argument(std::string& out, std::string_view argument);

/// Appends a whole command.
void append_command(std::string& out, std::initializer_list<std::string_view> arguments);

}  // namespace weir::redis
