// Rows that are written again, because late records came for closed windows.
#pragma once
#include <cstdint>

#include "record/group_key.hpp"
#include "record/key_table.hpp"

namespace weir {

/// The revision of a window's row.
struct Revised {
  std::uint32_t next = 0;  ///< the revision of the next row
  bool due = false;
};

/// A row to be written; WindowName is the store's name for a window.
template <typename WindowName>
struct DueRow {
  WindowName window;
  std::uint64_t prefix;  ///< of the key's order
  KeyId key;
  friend bool operator==(const DueRow&, const DueRow&) = default;
};

/// A key and its order prefix, which nearly always decides a comparison.
struct OrderedKey {
  std::uint64_t prefix;  ///< GroupKey::order_prefix()
  KeyId key;
};

/// Orders the rows of one window by their keys in a KeyTable.
template <typename Keys>
bool comes_before(const Keys& keys, OrderedKey a, OrderedKey b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return GroupKey::compare(keys.key(a.key), keys.key(b.key)) < 0;
}

}  // namespace weir
