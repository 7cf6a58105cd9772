// Writes the row of a window.
#pragma once
#include <string>

#include "record/group_key.hpp"
#include "settings.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Whether the windows of the rows are closed.
enum class Completeness : std::uint8_t { whole, partial };

/// Writes rows as JSON, with the columns that the settings ask for.
class RowWriter {
 public:
  RowWriter(const Settings& settings, const GroupKey& group);

  /// The time until which the last value of a row's window holds; Time::min() for an open window.
  Time held_until(const WindowRow& row, Completeness rows) const {
    return rows == Completeness::whole ? saturating_subtract(row.window.end, shift_) : Time::min();
  }

  /// Appends the row with its end of line.
  void append(std::string& out, const CellLayout& layout, const WindowRow& row, Completeness rows);

 private:
  const GroupKey& group_;
  Duration shift_;
  bool revised_;
  bool retracts_;
  Window window_{};
  std::string opening_;  ///< the first members of rows of window_
};

}  // namespace weir::win_agg
