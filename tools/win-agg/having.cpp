#include "having.hpp"

#include <algorithm>
#include <stdexcept>

#include "record/field_set.hpp"

namespace weir::win_agg {
namespace {

expr::Expression compile(std::string_view condition) {
  try {
    return expr::Expression::compile_condition(condition);
  } catch (const expr::SyntaxError& error) {
    throw std::invalid_argument(std::string("--having: ") + error.what());
  }
}

}  // namespace

Having::Having(std::string_view condition, const std::vector<Aggregate>& columns) : condition_(compile(condition)) {
  for (const std::string& field : condition_.fields()) {
    const auto column = std::find_if(columns.begin(), columns.end(), [&field](const Aggregate& each) {
      return each.name == FieldSet::plain_name(field);
    });
    if (column == columns.end()) throw std::invalid_argument("--having: " + field + " is not a column of --agg");
    columns_.push_back(static_cast<std::size_t>(column - columns.begin()));
  }
  values_.resize(columns_.size());
  texts_.resize(columns_.size());
}

bool Having::holds(const CellLayout& layout, const std::byte* cell, const Extent& extent) {
  for (std::size_t i = 0; i < columns_.size(); ++i) values_[i] = layout.value(columns_[i], cell, extent, texts_[i]);
  const expr::Result result = condition_.test(values_);
  if (result.failed() && failed_++ == 0) first_failure_ = condition_.error_text(result);
  return result.is_true();
}

}  // namespace weir::win_agg
