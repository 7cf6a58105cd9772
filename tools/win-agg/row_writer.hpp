// Writes the row of a window.
#pragma once
#include <string>

#include "record/group_key.hpp"
#include "settings.hpp"
#include "time/zone.hpp"
#include "window/cell_text.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Whether the windows of the rows are closed.
enum class Completeness : std::uint8_t { whole, partial };

/// Writes rows as JSON, with the columns that the settings ask for.
class RowWriter {
 public:
  RowWriter(const Settings& settings, const GroupKey& group);

  /// What lies around a row's records. In an open window the last value holds until its own time.
  Extent extent_of(const WindowRow& row, Completeness rows) const {
    const Time until = rows == Completeness::whole ? saturating_subtract(row.window.end, shift_) : Time::min();
    return {until, saturating_subtract(row.window.start, shift_), row.before};
  }

  /// Writes the parts of the aggregates from now on, `seen` and `closed`. `parts` must outlive this.
  void write_parts(const CellText& parts) { parts_ = &parts; }
  /// The greatest time of the records so far, for rows of parts.
  void set_seen(Time seen) { seen_ = seen; }

  /// Appends the row with its end of line.
  void append(std::string& out, const CellLayout& layout, const WindowRow& row, Completeness rows);

 private:
  void open(const Window& window);

  const GroupKey& group_;
  Zone zone_;
  bool local_date_;
  bool local_hour_;
  Duration shift_;
  std::string closed_;  ///< `","closed":"left"`
  bool revised_;
  bool retracts_;
  const CellText* parts_ = nullptr;
  Time seen_{};
  Window window_{};
  std::string opening_;  ///< the first members of rows of window_
};

}  // namespace weir::win_agg
