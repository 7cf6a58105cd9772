// A window's row as text.
#pragma once
#include <string>

#include "record/group_key.hpp"
#include "settings.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Whether the windows of rows are over.
enum class Completeness : std::uint8_t { whole, partial };

class RowWriter {
 public:
  RowWriter(const WinAggSettings& settings, const GroupKey& group);

  /// How long the last value of a row's window holds. Of a window that is open nothing is known of the time behind it.
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
  std::string opening_;  ///< of rows of window_
};

}  // namespace weir::win_agg
