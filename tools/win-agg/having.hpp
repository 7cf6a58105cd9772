// The condition of --having.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.hpp"
#include "window/aggregate.hpp"
#include "window/cell.hpp"

namespace weir::win_agg {

/// A condition over the columns of a row, as in SQL's HAVING. It is evaluated on the cell, so that a row that is not
/// wanted is never written.
class Having {
 public:
  /// Throws std::invalid_argument, naming the option, when the condition cannot be read or a name is not a column.
  Having(std::string_view condition, const std::vector<Aggregate>& columns);

  /// Whether the row of a cell is wanted; false when that is unknown. `extent` as in CellLayout::append_columns().
  bool holds(const CellLayout& layout, const std::byte* cell, const Extent& extent);

  /// The number of rows with a value of the wrong type, and the reason for the first of them.
  std::uint64_t failed() const { return failed_; }
  const std::string& first_failure() const { return first_failure_; }

 private:
  expr::Expression condition_;
  std::vector<std::size_t> columns_;  ///< for each of the condition's fields
  std::vector<expr::Result> values_;
  std::vector<std::string> texts_;
  std::uint64_t failed_ = 0;
  std::string first_failure_;
};

}  // namespace weir::win_agg
