// Whether input comes at the moment.
#pragma once
#include <cstdint>

namespace weir {

/// Whether more input is there right now. Nothing that a stage writes may depend on it.
enum class InputFlow : std::uint8_t { more, paused };

}  // namespace weir
