#include "row_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "time/time_part.hpp"
#include "time/timestamp.hpp"

namespace weir::win_agg {
namespace {

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

RowWriter::RowWriter(const Settings& settings, const GroupKey& group)
    : group_(group),
      zone_(Zone::named(settings.time.zone)),
      local_date_(has(settings.local, "date")),
      local_hour_(has(settings.local, "hour")),
      shift_(shift_of(settings)),
      closed_(fmt::format("\",\"closed\":\"{}\"", name_of(settings.closed))),
      revised_(settings.allow_late > Duration::zero()),
      retracts_(can_retract(settings)) {}

/// Makes the first members of the rows of a window.
void RowWriter::open(const Window& window) {
  window_ = window;
  opening_.clear();
  ObjectWriter row(opening_);
  row.time("window_start", window.start).time("window_end", window.end);
  if (!local_date_ && !local_hour_) return;
  const LocalTime local = zone_.to_local(window.start);
  if (local_date_) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(local));
    row.string("local_date", fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
  }
  if (local_hour_) row.integer("local_hour", part_of(local, TimePart::hour_of_day));
}

void RowWriter::append(std::string& out, const CellLayout& layout, const WindowRow& row, Completeness rows) {
  if (opening_.empty() || !(row.window == window_)) open(row.window);
  out += opening_;
  group_.append_members(out, row.key);
  if (parts_ != nullptr)
    parts_->append(out, row.cell);
  else
    layout.append_columns(out, row.cell, extent_of(row, rows));
  const bool partial =
      row.standing == Standing::holds ? rows == Completeness::partial : row.standing == Standing::retracted_early;
  out += partial ? ",\"partial\":true" : ",\"partial\":false";
  if (parts_ != nullptr) {
    out += ",\"seen\":\"";
    append_time(out, seen_);
    out += closed_;
  }
  if (revised_) {
    out += ",\"rev\":";
    append_number(out, std::uint64_t{row.revision});
  }
  if (retracts_) out += row.standing == Standing::holds ? ",\"retracted\":false" : ",\"retracted\":true";
  out += "}\n";
}

}  // namespace weir::win_agg
