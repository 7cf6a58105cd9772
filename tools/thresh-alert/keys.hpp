// The keys that records are told apart by, and a bounded table of them.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/record.hpp"

namespace weir {

/// A key of some fields in one string: equal values, equal bytes. Strings are compared with their escapes resolved,
/// numbers by their digits; a missing field is a null one.
class KeyCodec {
 public:
  /// Puts the values of a record's fields into `out`. Returns false on an object or array, which is no key.
  static bool encode(std::string& out, const Record& record, const std::vector<FieldId>& fields);

  /// Calls `each` with every value's number, its JSON token and its plain text.
  static void decode(std::string_view key,
                     const std::function<void(std::size_t, const std::string&, std::string_view)>& each);
};

/// Keys with numbers from 0, so that their state can stand in plain arrays. At its limit it takes the place of a key
/// that may be forgotten.
class KeyTable {
 public:
  using Number = std::uint32_t;

  explicit KeyTable(std::size_t most) : most_(most) {}

  struct Found {
    Number number = 0;
    bool is_new = false;
  };

  /// The key's number. When it is new and the table is full, keys that were not asked for since the last such search
  /// and of which `may_forget` says yes make room; nothing when there is none.
  std::optional<Found> find(std::string_view key, const std::function<bool(Number)>& may_forget);

  std::string_view key(Number number) const { return *entries_[number].key; }
  std::size_t size() const { return entries_.size(); }
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Entry {
    const std::string* key = nullptr;
    bool asked_for = true;
  };
  std::optional<Number> make_room(const std::function<bool(Number)>& may_forget);

  std::size_t most_;
  std::unordered_map<std::string, Number, Hash, std::equal_to<>> numbers_;
  std::vector<Entry> entries_;
  std::size_t hand_ = 0;
  std::size_t futile_ = 0;  ///< searches to leave out after one that found nothing
  std::uint64_t forgotten_ = 0;
};

}  // namespace weir
