// Conversions of units.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cells.hpp"
#include "clean/unit.hpp"
#include "pipeline/left_out.hpp"
#include "record/field_watch.hpp"

namespace weir::rec_clean {

/// Converts values, each by a rule of its own:
///   `temperature_f->temperature_c`  a new field; of long records, another parameter
///   `value:degF->degC`              in place; of long records, the values of that parameter
///   `value[unit]->degC`             in place, from the unit that stands in the field `unit`, which becomes `degC`
class Conversions {
 public:
  /// Of long records `parameter` is not empty. Throws std::invalid_argument.
  void add(const std::string& text, const std::string& parameter, const std::string& value, Cells& cells);
  bool empty() const { return rules_.empty(); }
  /// A value that is not a number stays as it is, one that is beyond a double becomes null: both are noted.
  void convert(Cells& cells, LeftOut& left_out);
  std::vector<NamedField> named_fields() const { return named_; }
  /// Whether long records get this parameter by a conversion.
  bool makes(std::string_view parameter) const;

 private:
  struct Rule {
    CellId from, to;
    std::optional<clean::Conversion> conversion;  ///< nothing: from the unit in a field
    const clean::Unit* target;
    std::string target_name;               ///< of the unit, as given
    CellId unit;                           ///< with the field of the unit
    std::string parameter, new_parameter;  ///< of long records
  };
  bool token_of(const Value& value);

  std::vector<Rule> rules_;
  CellId parameter_ = 0;
  std::vector<NamedField> named_;
  std::string number_, token_;
};

}  // namespace weir::rec_clean
