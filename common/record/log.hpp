// The messages of a tool to the person who runs it.
#pragma once
#include <string_view>

namespace weir {

/// Where a stage sends its messages; `cli::Log` writes them to standard error.
class Log {
 public:
  virtual ~Log() = default;

  /// Progress that the user wants to know of: connected, waiting for another run.
  virtual void info(std::string_view message) = 0;
  /// A problem after which the run goes on.
  virtual void warn(std::string_view message) = 0;
  /// A problem that ends the run or loses a record's effect; printed with --quiet too.
  virtual void error(std::string_view message) = 0;
};

}  // namespace weir
