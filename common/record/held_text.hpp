// The text of records that a stage keeps for each key.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// The longest record or value that is kept for a key, in bytes: with it --max-keys bounds the memory.
inline constexpr std::size_t max_held_text = 65'536;

/// Rejects a record of which a longer text would be kept; `what` names that.
inline Verdict check_held_text(std::string_view what, std::string_view text) {
  if (text.size() <= max_held_text) return Verdict::ok();
  return Verdict::reject(std::string(what) + " is longer than 65536 bytes, the most that is kept for a key");
}

}  // namespace weir
