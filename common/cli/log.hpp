// Words on standard error: the one way a tool speaks to a person.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

enum class LogFormat : std::uint8_t { text, json };

/// Prints messages as `tool: message` or, with --log-format json, as NDJSON
/// `{"tool","level","message","line"?,"file"?}`.
class Log {
 public:
  explicit Log(std::string tool) : tool_(std::move(tool)) {}

  void set_format(LogFormat format) { format_ = format; }
  /// With --quiet only errors are printed.
  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool quiet() const { return quiet_; }

  /// Words of a secret: wherever they would stand in a message, `***` stands.
  void conceal(std::string secret);

  /// Something the user wants to know: connected, 17 records, waiting.
  void info(std::string_view message);
  /// Something that went wrong, after which the run goes on.
  void warn(std::string_view message);
  /// Something that ends the run or lost a record's effect; never held back.
  void error(std::string_view message);
  /// `tool: line 17: reason`, with the file's name before it when there is one.
  void at_line(std::string_view file, std::uint64_t line, std::string_view reason);

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
