// The fields that a stage reads, as a tree of member names.
#pragma once
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_set.hpp"

namespace weir {

/// The first eight bytes of a name, so that most names are compared as one number. Eight bytes must be readable at
/// `name`.
inline std::uint64_t head_of(const char* name, std::size_t length) {
  std::uint64_t head = 0;
  std::memcpy(&head, name, sizeof head);
  return length >= sizeof head ? head : head & ((std::uint64_t{1} << (8 * length)) - 1);
}

/// A node of the tree: the members of one object that lead to fields.
struct FieldTree {
  explicit FieldTree(std::string member = {}) : name(std::move(member)), length(name.size()) {
    name.resize(std::max<std::size_t>(length, sizeof head));
    head = head_of(name.data(), length);
  }
  std::string name;  ///< padded with zeros to eight bytes
  std::size_t length;
  std::uint64_t head = 0;
  std::ptrdiff_t field = -1;  ///< the field at this node, or -1
  std::vector<FieldTree> children;

  /// The tree of all fields of a stage.
  explicit FieldTree(const FieldSet& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      FieldTree* node = this;
      for (const std::string& segment : FieldSet::split(fields.path(FieldId{static_cast<std::uint32_t>(i)}))) {
        FieldTree* next = node->find_copy(segment);
        if (next == nullptr) next = &node->children.emplace_back(segment);
        node = next;
      }
      node->field = static_cast<std::ptrdiff_t>(i);
    }
  }

  /// The child of that name, or nullptr. Eight more bytes must be readable after the key.
  FieldTree* find(const char* key, std::size_t key_length) {
    const std::uint64_t key_head = head_of(key, key_length);
    for (FieldTree& child : children)
      if (child.head == key_head && child.length == key_length &&
          (key_length <= sizeof head ||
           std::memcmp(child.name.data() + sizeof head, key + sizeof head, key_length - sizeof head) == 0))
        return &child;
    return nullptr;
  }

  /// The child that is a list's element of this number, from 0, or nullptr.
  FieldTree* element(std::size_t index) {
    std::array<char, 32> digits{};  // find() reads eight bytes more than these
    const auto end = std::to_chars(digits.data(), digits.data() + 20, index).ptr;
    return find(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }

  /// As find(), for a key without readable bytes after it.
  FieldTree* find_copy(std::string_view key) {
    std::string padded(key);
    padded.resize(key.size() + sizeof head);
    return find(padded.data(), key.size());
  }
};

}  // namespace weir
