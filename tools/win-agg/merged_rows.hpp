// Rows of win-agg --partial, as they are merged.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "entry.hpp"
#include "record/record.hpp"
#include "record/time_field.hpp"
#include "settings.hpp"
#include "window/cell_text.hpp"
#include "window/window.hpp"

namespace weir::win_agg {

/// Reads one row after the other into a cell.
class MergedRows {
 public:
  /// Adds the fields that it reads to `fields`. `layout` must outlive this, and keep its columns.
  MergedRows(const CellLayout& layout, CellText& text, ClosedEnd closed, FieldSet& fields);
  ~MergedRows();
  MergedRows(const MergedRows&) = delete;
  MergedRows& operator=(const MergedRows&) = delete;

  /// Reads a row whose window ends in `window`, with `last` as the last time in it. It is rejected where it begins
  /// after that or before the window, where the other end is closed, or where it has not the parts of the layout.
  Verdict read(const Record& record, Time last, const Window& window);

  /// The first part of read(): all but the parts themselves.
  Verdict check(const Record& record, Time last, const Window& window);
  /// Appends the parts to an entry, after check(). False where a text has escapes.
  bool write(const Record& record, EntryBuffer& entries) const;
  /// The rest of read() for the row of a line, of whose entry `at` is the rest.
  Verdict take(EntryCursor at, std::string_view line);

  /// The cell of the last row that was read.
  const std::byte* cell() const { return cell_.data(); }
  /// The greatest time that its writer had seen.
  Time seen() const { return seen_; }

 private:
  Verdict read_parts();

  const CellLayout& layout_;
  CellText& text_;
  TimeField start_;
  TimeField seen_field_;
  std::string_view closed_;
  FieldId closed_id_;
  std::vector<FieldId> ids_;
  std::vector<Value> values_;
  std::vector<std::byte> cell_;
  Time seen_{};
};

/// The settings of a row's time: the end of its window, unless a field is named.
Settings with_time_of_rows(Settings settings);

}  // namespace weir::win_agg
