// The checks of values: types and ranges.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cells.hpp"
#include "clean/range.hpp"
#include "record/field_watch.hpp"
#include "steps.hpp"

namespace weir::rec_clean {

/// A range, and the cells of its value and of its flag.
struct Ranged {
  clean::RangeRule rule;
  CellId cell;
  CellId flag = 0;
  std::string outside{};  ///< the end of a reason: ` is not in -50..60`
};

/// Checks types, then ranges: each value is good, repaired, flagged, or a reason for a reject.
class Checks {
 public:
  void add_type(TypeRule rule, Cells& cells);
  /// Adds the range of a field.
  void add_range(clean::RangeRule rule, Cells& cells);
  /// Adds the range of a parameter of long records. Throws std::invalid_argument when it has one already.
  void add_range_of(const std::string& parameter, clean::RangeRule rule, Cells& cells);
  /// Adds the range of a key, in place of that of its field or parameter.
  void add_range_of_key(const std::string& key, clean::RangeRule rule, Cells& cells);
  /// Names the fields of a long record.
  void set_parameter(const std::string& parameter, const std::string& value, Cells& cells);

  /// Whether are_good() may be asked: no value has to be flagged, and ranges are those of fields alone.
  bool have_short_way() const { return short_way_ && by_key_.empty() && !long_; }
  /// Whether neither types nor ranges find anything to do, which is told at once; false where that needs a closer look.
  bool are_good(const Record& record) const;

  void check_types(Cells& cells);
  /// `key` is that of the record, where keys have ranges of their own.
  void check_ranges(Cells& cells, std::string_view key);

  /// With the parameters that have a range, as values of their field.
  std::vector<NamedField> named_fields(const Cells& cells) const;

 private:
  void check_type(Cells& cells, const TypeRule& rule, CellId id);
  void check_range(Cells& cells, const Ranged& ranged);
  static Ranged ranged(clean::RangeRule rule, CellId cell, Cells& cells);

  std::vector<std::pair<TypeRule, CellId>> types_;
  std::vector<Ranged> ranges_;
  /// The types and ranges of fields, for are_good().
  struct Limits {
    FieldId field;
    double low, high;  ///< infinite where there is none
  };
  std::vector<std::pair<FieldId, ValueType>> type_of_;
  std::vector<Limits> limits_;
  bool short_way_ = true;
  std::unordered_map<std::string, Ranged> by_parameter_;
  /// The ranges of a key.
  struct Own {
    std::vector<Ranged> fields;
    std::unordered_map<std::string, Ranged> parameters;
  };
  std::map<std::string, Own, std::less<>> by_key_;
  bool long_ = false;
  CellId parameter_ = 0, value_ = 0;
  clean::CleanValue clean_;
  std::string token_, wrong_;
};

}  // namespace weir::rec_clean
