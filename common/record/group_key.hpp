// The key of a record (`--by city,sensor`), as one string of bytes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"

namespace weir {

/// Builds a record's key from the `--by` fields, and members of a new record from a key.
///
/// Values are equal when they are the same JSON string (however escaped), the same literal, or numbers of the same
/// digits. A missing field counts as null.
class GroupKey {
 public:
  /// The longest key in bytes, which bounds memory per key.
  static constexpr std::size_t max_size = 4096;

  /// Adds the paths to `fields`. Without paths every record has the same, empty key. `PATH as NAME` names the field in
  /// new records. Throws std::invalid_argument on an invalid or repeated path, and as read_field_as().
  GroupKey(const std::vector<std::string>& paths, FieldSet& fields);

  /// Fixes the value of the field at that place among the paths, whatever records have there. The view is kept.
  void give(std::size_t field, std::string_view number);

  /// Sets `key` to the record's key, valid until the next call or the record's end. Rejects an object or array as a
  /// value.
  Verdict read(const Record& record, std::string_view& key) {
    if (ids_.size() == 1 && given_.empty()) {
      const Value& value = record[ids_[0]];
      const bool plain = value.kind == Kind::string || value.kind == Kind::number || value.kind == Kind::boolean;
      if (plain && value.raw.size() <= max_size && !has_escape(value)) {
        key = value.raw;
        return Verdict::ok();
      }
    }
    return compose(record, key);
  }

  /// Appends the key's fields as members, each with a comma before it: `,"city":"Athens"`.
  void append_members(std::string& out, std::string_view key) const;

  /// What becomes of a record whose new key has no room beside `held` others.
  [[gnu::cold, gnu::noinline]] static Verdict refuse_new(std::size_t held);

  /// The names of the fields in a new record: as given, or the paths, with `\.` as a dot.
  const std::vector<std::string>& names() const { return names_; }

  /// Appends one of a key's fields to another key.
  static void append_field(std::string& to, std::string_view key, std::size_t field);

  /// Orders keys field by field, as compare_tokens() orders values.
  static int compare(std::string_view a, std::string_view b);

  /// As order_prefix(), of a whole key.
  static std::uint64_t order_prefix(std::string_view key);

 private:
  /// A string with escapes has its text elsewhere.
  static bool has_escape(const Value& value) {
    return value.kind == Kind::string && value.text.data() != value.raw.data() + 1;
  }
  /// read() for any record.
  Verdict compose(const Record& record, std::string_view& key);
  Verdict append(const Value& value, std::size_t field);
  std::vector<FieldId> ids_;
  std::vector<Value> given_;  ///< for each field, its fixed value, or empty; no elements when none is fixed
  std::vector<std::string> names_;
  std::vector<std::string> openings_;  ///< `,"city":`
  std::string scratch_;
};

}  // namespace weir
