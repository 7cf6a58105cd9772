#include "top_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weir::win_agg {

TopRows::TopRows(const Settings& settings, const GroupKey& group, const CellLayout& layout, Columns columns)
    : count_(static_cast<std::size_t>(settings.top.value_or(0))), by_(settings.top_by) {
  if (by_.empty()) {
    if (columns == Columns::may_come) throw std::invalid_argument("--top needs --top-by COLUMN");
    column_ = 0;
  } else {
    column_ = layout.find_column(by_);
    if (!column_ && columns == Columns::all_known)
      throw std::invalid_argument(fmt::format("--top-by: there is no column '{}'", by_));
  }
  for (const std::string& name : settings.top_per) {
    const auto place = std::find(group.names().begin(), group.names().end(), FieldSet::plain_name(name));
    if (place == group.names().end())
      throw std::invalid_argument(fmt::format("--top-per: '{}' is not one of the fields of --by", name));
    per_.push_back(static_cast<std::size_t>(place - group.names().begin()));
  }
}

void TopRows::take(const WindowRow& row, Completeness rows, const CellLayout& layout, RowWriter& writer,
                   std::string& out) {
  if (!(row.window == window_)) give(out);
  window_ = row.window;
  group_.clear();
  for (const std::size_t field : per_) GroupKey::append_field(group_, row.key, field);
  auto group = groups_.find(group_);
  if (group == groups_.end()) group = groups_.emplace(group_, std::vector<Ranked>()).first;
  auto& best = group->second;
  if (!column_) column_ = layout.find_column(by_);
  std::optional<double> value;
  if (column_) {
    const expr::Result result = layout.value(*column_, row.cell, writer.extent_of(row, rows), text_);
    if (result.type == expr::Type::number) value = result.number;
  }
  const auto place =
      std::upper_bound(best.begin(), best.end(), value, [](const auto& a, const Ranked& b) { return a > b.value; });
  if (static_cast<std::size_t>(place - best.begin()) >= count_) return;
  Ranked made{value, {}};
  writer.append(made.line, layout, row, rows);
  best.insert(place, std::move(made));
  if (best.size() > count_) best.pop_back();
}

void TopRows::give(std::string& out) {
  for (const auto& [group, best] : groups_)
    for (const Ranked& each : best) out += each.line;
  groups_.clear();
}

}  // namespace weir::win_agg
