// Which rows are written.
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

/// A condition over the columns of a row, as in SQL's HAVING, told from the cell: a row that is not written costs no
/// text.
class Having {
 public:
  /// Throws std::invalid_argument, in the words of the option, when the condition cannot be read or names what is no
  /// column.
  Having(std::string_view condition, const std::vector<Aggregate>& columns);

  /// Whether the row of a cell is wanted; not when that cannot be told. `until` as in CellLayout::append_columns().
  bool holds(const CellLayout& layout, const std::byte* cell, Time until);

  /// How many rows there were with a value of a type that will not do, and why the first of them could not be judged.
  std::uint64_t failed() const { return failed_; }
  const std::string& first_failure() const { return first_failure_; }

 private:
  expr::Expression condition_;
  std::vector<std::size_t> columns_;  ///< of each of the condition's fields
  std::vector<expr::Result> values_;
  std::vector<std::string> texts_;
  std::uint64_t failed_ = 0;
  std::string first_failure_;
};

}  // namespace weir::win_agg
