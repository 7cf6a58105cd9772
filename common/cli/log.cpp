#include "cli/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "record/json_text.hpp"
#include "record/object_writer.hpp"

namespace weir::cli {

void Log::conceal(std::string secret) {
  if (!secret.empty()) secrets_.push_back(std::move(secret));
}

std::string Log::concealed(std::string_view message) const {
  std::string text(message);
  for (const std::string& secret : secrets_) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
      text.replace(at, secret.size(), "***");
  }
  return text;
}

void Log::print(std::string_view level, std::string_view file, std::uint64_t line, std::string_view message) {
  const std::string text = concealed(message);
  std::string out;
  if (format_ == LogFormat::json) {
    ObjectWriter object(out);
    object.string("tool", tool_).string("level", level);
    if (!file.empty()) object.string("file", file);
    if (line != 0) object.integer("line", static_cast<std::int64_t>(line));
    if (is_utf8(text)) {
      object.string("message", text);
    } else {
      object.string("message", "(a message that is not UTF-8)");
    }
    object.end();
  } else {
    out = tool_ + ": ";
    if (!file.empty()) out += fmt::format("{}: ", file);
    if (line != 0) out += fmt::format("line {}: ", line);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const bool goes_on =
          c == '\n' && text.compare(i, 3, "\n  ") == 0;  // an indented line shows what the message is about
      out += static_cast<unsigned char>(c) < 0x20 && c != '\t' && !goes_on ? ' ' : c;  // no terminal tricks
    }
    out += '\n';
  }
  std::string_view rest = out;
  while (!rest.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (n <= 0) return;  // nobody to tell
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Log::info(std::string_view message) {
  if (!quiet_) print("info", {}, 0, message);
}
void Log::warn(std::string_view message) {
  if (!quiet_) print("warning", {}, 0, message);
}
void Log::error(std::string_view message) { print("error", {}, 0, message); }
void Log::at_line(std::string_view file, std::uint64_t line, std::string_view reason) {
  print("error", file, line, reason);
}
void Log::note_at_line(std::string_view file, std::uint64_t line, std::string_view reason) {
  if (!quiet_) print("warning", file, line, reason);
}

}  // namespace weir::cli
