// The numbers of a record's fields, as --field names them.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/left_out.hpp"
#include "record/field_watch.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/record.hpp"
#include "record/value_checks.hpp"

namespace weir {

/// Reads the fields of --field of each record. A value that is missing, null, not a number or too great is left out and
/// counted.
class NumberFields {
 public:
  struct Reading {
    std::size_t field;  ///< its place in --field
    double value;
    std::string_view raw;  ///< the number as it came, while the record lives
  };
  /// Values beyond ±`greatest` are left out; `too_great` is the end of the message: `to be scored`.
  struct Limit {
    double greatest = std::numeric_limits<double>::infinity();
    std::string too_great;
  };
  /// The greatest value that a stage takes which adds up squares; those of greater ones would overflow.
  static constexpr double greatest_for_squares = 1e100;

  /// Whether a record without a number makes a key, where one of its fields is null.
  enum class OfNull : std::uint8_t { no_key, key };

  /// Adds the fields. Throws std::invalid_argument on a bad path, and where a field is named twice.
  NumberFields(const std::vector<std::string>& paths, FieldSet& fields, bool strict, Limit limit);
  NumberFields(const std::vector<std::string>& paths, FieldSet& fields, bool strict)
      : NumberFields(paths, fields, strict, Limit()) {}

  /// Reads a record. It is a reject where it has a wrong value and no number, or with `strict` any wrong value.
  Verdict read(const Record& record);
  /// Reads the record's key and its numbers, and finds the key in `keys`, or adds it. `id` is KeyTable::full where the
  /// record has no number. It is a reject where it has one and there is no room for its key.
  template <typename Payload>
  Verdict read(const Record& record, GroupKey& group, KeyTable<Payload>& keys, std::string_view& key, KeyId& id,
               OfNull of_null = OfNull::no_key);
  /// What the last record has, in the order of --field.
  const std::vector<Reading>& readings() const { return readings_; }
  /// Counts what was left out of the last record; messages go to `out`.
  void accept(Output& out) { left_out_.accept(out); }

  std::size_t size() const { return ids_.size(); }
  /// The names of the fields, as they are written.
  const std::vector<std::string>& names() const { return names_; }
  /// What a stage's named_fields() returns that has these fields and the keys of --by.
  static std::vector<NamedField> named_fields(const std::vector<std::string>& fields,
                                              const std::vector<std::string>& by);
  void add_to(CountReport& report) const { left_out_.add_to(report); }
  void state(StateArchive& archive) { left_out_.state(archive); }

 private:
  std::vector<FieldId> ids_;
  std::vector<std::string> names_;
  Limit limit_;
  LeftOut left_out_;
  std::vector<Reading> readings_;
  bool has_null_ = false;
};

inline NumberFields::NumberFields(const std::vector<std::string>& paths, FieldSet& fields, bool strict, Limit limit)
    : limit_(std::move(limit)), left_out_(strict) {
  for (const std::string& path : paths) {
    const FieldId id = fields.add(path);
    if (std::find(ids_.begin(), ids_.end(), id) != ids_.end())
      throw std::invalid_argument(fmt::format("--field: '{}' is named twice", path));
    ids_.push_back(id);
    names_.push_back(FieldSet::plain_name(path));
  }
}

inline Verdict NumberFields::read(const Record& record) {
  readings_.clear();
  has_null_ = false;
  left_out_.begin();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const Value& value = record[ids_[i]];
    if (!value.present()) {
      has_null_ = has_null_ || value.kind == Kind::null;
      left_out_.note_absent(names_[i], value);
    } else if (const std::optional<double> number = value.number(); number && std::fabs(*number) <= limit_.greatest) {
      readings_.push_back({i, *number, value.raw});
    } else if (number) {
      left_out_.note_wrong(fmt::format("{} {} is too great {}", names_[i], shortened(value.raw), limit_.too_great));
    } else {
      left_out_.note_wrong(names_[i], value);
    }
  }
  return left_out_.judge(!readings_.empty());
}

template <typename Payload>
Verdict NumberFields::read(const Record& record, GroupKey& group, KeyTable<Payload>& keys, std::string_view& key,
                           KeyId& id, OfNull of_null) {
  id = KeyTable<Payload>::full;
  if (Verdict verdict = group.read(record, key); verdict.rejected()) return verdict;
  if (Verdict verdict = read(record); verdict.rejected()) return verdict;
  if (readings_.empty() && (of_null == OfNull::no_key || !has_null_)) return Verdict::ok();
  id = keys.find_or_add(key);
  if (id == KeyTable<Payload>::full && !readings_.empty()) return GroupKey::refuse_new(keys.limit());
  return Verdict::ok();
}

inline std::vector<NamedField> NumberFields::named_fields(const std::vector<std::string>& fields,
                                                          const std::vector<std::string>& by) {
  std::vector<NamedField> named = named_fields_of("--field", fields);
  for (NamedField& each : named_fields_of("--by", by)) named.push_back(std::move(each));
  return named;
}

}  // namespace weir
