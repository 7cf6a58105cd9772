// A class's state, described once for both directions.
#pragma once
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "state/snapshot.hpp"

namespace weir {

class StateArchive;

/// A class that describes its own state.
template <typename Value>
concept HasState = requires(Value& value, StateArchive& archive) {
  value.state(archive);
};

/// A value without pointers, which is saved as it lies in memory: another layout of it needs another schema.
template <typename Value>
concept PlainState = std::is_trivially_copyable_v<Value> && !std::is_pointer_v<Value> &&
                     !std::same_as<Value, std::string_view> && !std::ranges::view<Value>;

/// Either saves the values that it is given, or loads them again in the same order. Loading is into a class just made;
/// it throws SnapshotError where the snapshot has not enough bytes.
class StateArchive {
 public:
  explicit StateArchive(SnapshotWriter& to) : to_(&to) {}
  explicit StateArchive(SnapshotReader& from) : from_(&from) {}

  bool saving() const { return to_ != nullptr; }
  /// For what has to be checked or rebuilt after its parts have been loaded.
  bool loading() const { return to_ == nullptr; }

  /// One value: a class with a state() of its own, plain memory, text, an optional or owned value, or a sequence,
  /// map or pair of such values.
  template <typename Value>
  void value(Value& value) {
    if constexpr (HasState<Value>) {
      value.state(*this);
    } else if constexpr (std::same_as<Value, std::string>) {
      const std::string_view saved = text(value);
      if (loading()) value = saved;
    } else if constexpr (PlainState<Value>) {
      raw(&value, sizeof value);
    } else if constexpr (requires { value.emplace_back(); }) {
      list(value);
    } else if constexpr (requires { typename Value::mapped_type; }) {
      map(value, [this](auto& mapped) { this->value(mapped); });
    } else if constexpr (requires { typename Value::first_type; }) {
      values(value.first, value.second);
    } else {
      owned(value);
    }
  }

  /// Several values, one after the other.
  template <typename... Values>
  void values(Values&... each) {
    (value(each), ...);
  }

  /// A sequence; `each(element)` describes one element, which takes at least one byte.
  template <typename Sequence, typename Each>
  void list(Sequence& sequence, Each each) {
    auto left = size(sequence.size());
    if (saving()) {
      for (auto& element : sequence) each(element);
      return;
    }
    expect(left, 1);
    sequence.clear();
    for (; left > 0; --left) each(sequence.emplace_back());
  }

  template <typename Sequence>
  void list(Sequence& sequence) {
    using Element = typename Sequence::value_type;
    if constexpr (PlainState<Element> && std::ranges::contiguous_range<Sequence>) {
      const auto count = size(sequence.size());
      if (loading()) {
        expect(count, sizeof(Element));
        sequence.resize(count);
      }
      raw(sequence.data(), count * sizeof(Element));
    } else {
      list(sequence, [this](Element& element) { value(element); });
    }
  }

  /// A map: `each(mapped)` describes one mapped value, which is made from `arguments` before it is loaded.
  template <typename Map, typename Each, typename... Arguments>
  void map(Map& map, Each each, const Arguments&... arguments) {
    auto left = size(map.size());
    if (saving()) {
      for (auto& [key, mapped] : map) {
        auto copy = key;
        value(copy);
        each(mapped);
      }
      return;
    }
    map.clear();
    for (; left > 0; --left) {
      typename Map::key_type key{};
      value(key);
      each(map.try_emplace(std::move(key), arguments...).first->second);
    }
  }

  /// A count: saves `current` and returns it, or returns the saved one.
  std::uint64_t size(std::uint64_t current) {
    raw(&current, sizeof current);
    return current;
  }

  /// Text: saves `current` and returns it, or returns the saved one, a view into the snapshot.
  std::string_view text(std::string_view current) {
    if (loading()) return from_->text();
    to_->text(current);
    return current;
  }

  /// Bytes whose number both directions know.
  void raw(void* bytes, std::size_t size) {
    if (saving())
      to_->raw(bytes, size);
    else
      from_->raw(bytes, size);
  }

  /// Throws SnapshotError where fewer than `count` elements of `bytes` bytes are left to load.
  void expect(std::uint64_t count, std::size_t bytes) const {
    if (loading() && count > from_->left() / bytes) throw SnapshotError("the snapshot ends too early");
  }

 private:
  /// An optional value or one that a pointer owns.
  template <typename Pointer>
  void owned(Pointer& pointer) {
    bool there = static_cast<bool>(pointer);
    value(there);
    if (loading()) make(pointer, there);
    if (there) value(*pointer);
  }
  template <typename Value>
  static void make(std::optional<Value>& optional, bool there) {
    optional = there ? std::optional<Value>(std::in_place) : std::nullopt;
  }
  template <typename Value>
  static void make(std::unique_ptr<Value>& pointer, bool there) {
    pointer = there ? std::make_unique<Value>() : nullptr;
  }

  SnapshotWriter* to_ = nullptr;
  SnapshotReader* from_ = nullptr;
};

}  // namespace weir
