// The keys of a table in their order.
#pragma once
#include <algorithm>
#include <vector>

#include "record/group_key.hpp"
#include "record/key_table.hpp"

namespace weir {

/// The ids of all keys, by GroupKey::compare().
template <typename T>
std::vector<KeyId> keys_in_order(const KeyTable<T>& table) {
  std::vector<KeyId> order;
  table.for_each([&order](KeyId id) { order.push_back(id); });
  std::sort(order.begin(), order.end(),
            [&table](KeyId a, KeyId b) { return GroupKey::compare(table.key(a), table.key(b)) < 0; });
  return order;
}

}  // namespace weir
