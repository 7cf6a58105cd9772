// Messages of a tool for its user.
#pragma once
#include <string_view>

namespace weir {

/// The receiver of a stage's messages; `cli::Log` writes them to standard error.
class Log {
 public:
  virtual ~Log() = default;

  /// Reports progress: connected, waiting for another run.
  virtual void info(std::string_view message) = 0;
  /// Reports a problem after which the run continues.
  virtual void warn(std::string_view message) = 0;
  /// Reports a problem that ends the run or loses a record's effect; printed with --quiet too.
  virtual void error(std::string_view message) = 0;
};

}  // namespace weir
