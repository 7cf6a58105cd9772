#include "row_writer.hpp"

#include "record/number.hpp"
#include "record/object_writer.hpp"

namespace weir::win_agg {

RowWriter::RowWriter(const Settings& settings, const GroupKey& group)
    : group_(group),
      shift_(shift_of(settings)),
      revised_(settings.allow_late > Duration::zero()),
      retracts_(can_retract(settings)) {}

void RowWriter::append(std::string& out, const CellLayout& layout, const WindowRow& row, Completeness rows) {
  if (opening_.empty() || !(row.window == window_)) {
    window_ = row.window;
    opening_.clear();
    ObjectWriter(opening_).time("window_start", row.window.start).time("window_end", row.window.end);
  }
  out += opening_;
  group_.append_members(out, row.key);
  layout.append_columns(out, row.cell, held_until(row, rows));
  const bool partial =
      row.standing == Standing::holds ? rows == Completeness::partial : row.standing == Standing::retracted_early;
  out += partial ? ",\"partial\":true" : ",\"partial\":false";
  if (revised_) {
    out += ",\"rev\":";
    append_number(out, std::uint64_t{row.revision});
  }
  if (retracts_) out += row.standing == Standing::holds ? ",\"retracted\":false" : ",\"retracted\":true";
  out += "}\n";
}

}  // namespace weir::win_agg
