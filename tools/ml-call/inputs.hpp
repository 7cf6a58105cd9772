// The inputs of a model: which fields they come from, and what stands for one that is not there.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::ml_call {

/// One input: `FIELD`, `NAME=FIELD`, each perhaps with `:-DEFAULT` after it.
struct Input {
  std::string name;
  std::string field;
  std::optional<std::string> fallback;  ///< a JSON token
};

/// Reads one. Throws std::invalid_argument.
Input read_input(std::string_view text);

}  // namespace weir::ml_call
