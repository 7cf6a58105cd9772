// The fields by which a stage keeps records apart (`--by city,sensor`), as one string of bytes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"

namespace weir {

/// Makes a record's key out of the fields named by `--by`, and members of a new record out of a key. Values are the
/// same key when they are the same JSON string (however escaped), the same word, or numbers of the same digits; a
/// missing field counts as null.
class GroupKey {
 public:
  /// Longest key in bytes, so that memory per key is bounded.
  static constexpr std::size_t max_size = 4096;

  /// Adds the paths to `fields`. Without paths every record has the same, empty key. Throws std::invalid_argument on a
  /// bad path or one that is named twice.
  GroupKey(const std::vector<std::string>& paths, FieldSet& fields);

  /// From now on a field, by its place among the paths, has this number, whatever the records have there. The view is
  /// kept.
  void give(std::size_t field, std::string_view number);

  /// Sets `key` to the record's key, valid until the next call or the record's end; rejects an object or array as a
  /// value.
  Verdict read(const Record& record, std::string_view& key);

  /// Appends the key's fields as members, each with a comma before it: `,"city":"Athens"`.
  void append_members(std::string& out, std::string_view key) const;

  /// The names that the fields have in a new record: the paths, with `\.` as a dot.
  const std::vector<std::string>& names() const { return names_; }

  /// Appends one of a key's fields to another key.
  static void append_field(std::string& to, std::string_view key, std::size_t field);

  /// Orders keys field by field, as compare_tokens() orders values.
  static int compare(std::string_view a, std::string_view b);

  /// As order_prefix(), of a whole key.
  static std::uint64_t order_prefix(std::string_view key);

 private:
  Verdict append(const Value& value, std::size_t field);
  std::vector<FieldId> ids_;
  std::vector<Value> given_;  ///< for each field, missing where the record has it; empty when all are the record's
  std::vector<std::string> names_;
  std::vector<std::string> openings_;  ///< `,"city":`
  std::string scratch_;
};

}  // namespace weir
