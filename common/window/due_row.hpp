// Rows that are to be given again, because late records have come for windows that were closed.
#pragma once
#include <cstdint>

#include "record/group_key.hpp"
#include "record/key_table.hpp"

namespace weir {

/// How far a window's row has been told.
struct Revised {
  std::uint32_t next = 0;  ///< the revision of the row to come
  bool due = false;
};

/// A window's row that is due, by whatever names the store's windows.
template <typename WindowName>
struct DueRow {
  WindowName window;
  std::uint64_t prefix;  ///< of the key's order
  KeyId key;
  friend bool operator==(const DueRow&, const DueRow&) = default;
};

/// A key with the beginning of its place in the order of keys at hand, which decides nearly always.
struct OrderedKey {
  std::uint64_t prefix;  ///< GroupKey::order_prefix()
  KeyId key;
};

/// The order of rows of one window, by the keys in a KeyTable.
template <typename Keys>
bool comes_before(const Keys& keys, OrderedKey a, OrderedKey b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return GroupKey::compare(keys.key(a.key), keys.key(b.key)) < 0;
}

}  // namespace weir
