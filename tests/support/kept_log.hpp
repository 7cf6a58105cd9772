// A log that keeps its messages, for tests of what a stage reports.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "record/log.hpp"

namespace weir {

/// Every message in its order, whatever its level.
struct KeptLog final : Log {
  void info(std::string_view message) override { messages.emplace_back(message); }
  void warn(std::string_view message) override { messages.emplace_back(message); }
  void error(std::string_view message) override { messages.emplace_back(message); }

  std::vector<std::string> messages;
};

}  // namespace weir
