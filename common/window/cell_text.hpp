// The parts of cells as members of a record, so that another process can merge them.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"
#include "record/value.hpp"
#include "time/timestamp.hpp"
#include "window/cell.hpp"
#include "window/distinct.hpp"
#include "window/exact_sum.hpp"
#include "window/quantiles.hpp"

namespace weir {

/// Writes and reads the parts of a layout's cells. A member is named by its part and field: `count()`, the number of
/// records, `sum(kw)`, `min(kw) if kw > 0`.
///
/// A count is a number. A sum is one, or a list of numbers whose exact sum it is: that of a sum beyond a double's range
/// begins with [2^1023, how often it counts]. It is null where a number was not finite. `moments` is [count, sum, sum
/// of the squares]. min and max are the value, first and last [time, value]; null where there is none. `quantiles` are
/// the values in a list, or [[count, zeros, least, greatest], bins, bins] with [the first bin, its count, the next
/// one's …] for positive and for negative values. `distinct` is a list of hashes in hexadecimal, or a text with a
/// character for each register: its value after `#`.
class CellText {
 public:
  /// Throws std::invalid_argument for columns that cannot be merged: twa, integral, increase. The layout must outlive
  /// this, and keep its columns.
  explicit CellText(const CellLayout& layout);

  /// The members' names; that of the number of records is the first.
  const std::vector<std::string>& names() const { return names_; }

  /// Appends the parts as members, each after a comma.
  void append(std::string& out, const std::byte* cell) const;

  /// Reads the members, a value for each of names(), into an empty cell. Returns the problem with one of them, also
  /// where no records can have such parts, or nothing; the cell then has to be destroyed, and not to be used.
  std::string read(std::span<const Value> values, std::byte* cell);

 private:
  std::string contradiction(const std::byte* cell) const;
  bool read_part(std::size_t part, const Value& value, std::byte* cell);
  template <std::size_t Size>
  bool read_sum(const Value& value, ExactSum<Size>& sum);
  bool read_numbers(std::string_view array, std::vector<double>& numbers);
  bool read_elements(std::string_view array, std::size_t count);
  bool read_quantiles(const Value& value, Quantiles& to);
  bool read_distinct(const Value& value, Distinct& to);

  const CellLayout& layout_;
  std::vector<std::string> names_;
  std::vector<std::string> openings_;  ///< `,"sum(kw)":`
  FieldSet no_fields_;
  RecordParser parser_;
  TimeParser times_;
  std::vector<std::string> elements_;  ///< of the list under way
};

}  // namespace weir
