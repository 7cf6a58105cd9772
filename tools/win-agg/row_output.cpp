#include "row_output.hpp"

namespace weir::win_agg {
namespace {

/// The most bytes of rows kept back when many windows close at once.
constexpr std::size_t much = 1 << 18;

void drain(Output& out) {
  if (out.lines.size() >= much && out.drain) out.drain();
}

}  // namespace

RowOutput::RowOutput(const Settings& settings, const GroupKey& group, const Sampler& sampler, const CellLayout& layout)
    : writer_(settings, group) {
  if (!settings.having.empty()) having_.emplace(settings.having, sampler.columns());
  if (settings.top)
    top_.emplace(settings, group, layout, sampler.finds() ? TopRows::Columns::may_come : TopRows::Columns::all_known);
}

WindowStore::OnRow RowOutput::on_row(const CellLayout& layout, Completeness rows, RowOrder order, Output& out) {
  return [this, &layout, &out, rows, order](const WindowRow& row) {
    if (!is_wanted(layout, row, rows)) return;
    out.released = true;
    if (top_) {
      top_->take(row, rows, layout, writer_, out.lines);
    } else {
      std::string& to = order == RowOrder::by_store ? gathered_.add(row.window.end, row.key) : out.lines;
      writer_.append(to, layout, row, rows);
    }
    drain(out);
  };
}

void RowOutput::finish(Output& out) {
  gathered_.give([&out](std::string_view line) {
    out.lines += line;
    drain(out);
  });
  if (top_) top_->give(out.lines);
}

/// A row that replaces another has to be written, whatever its values.
bool RowOutput::is_wanted(const CellLayout& layout, const WindowRow& row, Completeness rows) {
  if (!having_ || row.revision > 0 || row.standing != Standing::holds) return true;
  return having_->holds(layout, row.cell, writer_.extent_of(row, rows));
}

}  // namespace weir::win_agg
