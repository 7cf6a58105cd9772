// The log of a run: messages on standard error, as text or NDJSON.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/log.hpp"

namespace weir::cli {

enum class LogFormat : std::uint8_t { text, json };

/// Prints messages as `tool: message` or, with --log-format json, as NDJSON
/// `{"tool","level","message","line"?,"file"?}`.
class Log final : public weir::Log {
 public:
  explicit Log(std::string tool) : tool_(std::move(tool)) {}

  void set_format(LogFormat format) { format_ = format; }
  /// With --quiet only errors are printed.
  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool quiet() const { return quiet_; }

  /// Prints `***` in the place of this secret in every later message.
  void conceal(std::string secret);

  void info(std::string_view message) override;
  void warn(std::string_view message) override;
  void error(std::string_view message) override;
  /// Prints `tool: line 17: reason` as an error, with the file's name before it when there is one.
  void at_line(std::string_view file, std::uint64_t line, std::string_view reason);

  /// As at_line(), as a warning.
  void note_at_line(std::string_view file, std::uint64_t line, std::string_view reason);

  const std::string& tool() const { return tool_; }

 private:
  void print(std::string_view level, std::string_view file, std::uint64_t line, std::string_view message);
  std::string concealed(std::string_view message) const;

  std::string tool_;
  LogFormat format_ = LogFormat::text;
  bool quiet_ = false;
  std::vector<std::string> secrets_;
};

}  // namespace weir::cli
