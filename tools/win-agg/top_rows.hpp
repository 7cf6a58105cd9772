// The rows of a window with the greatest values.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/group_key.hpp"
#include "row_writer.hpp"
#include "settings.hpp"

namespace weir::win_agg {

/// Keeps the --top rows of each window, or of each window and group of keys. They come out by group, then from the
/// greatest value to the least; rows of equal values by key, rows without a value last.
class TopRows {
 public:
  /// Whether columns may still be found.
  enum class Columns : std::uint8_t { all_known, may_come };
  /// Throws std::invalid_argument, naming the option, when there is no such column or key.
  TopRows(const Settings& settings, const GroupKey& group, const CellLayout& layout, Columns columns);

  /// Takes a row; the rows of a window come together, in the order of their keys. Finished windows go to `out`.
  void take(const WindowRow& row, Completeness rows, const CellLayout& layout, RowWriter& writer, std::string& out);

  /// Writes the rows of the last window.
  void give(std::string& out);

 private:
  struct Ranked {
    std::optional<double> value;  ///< no value ranks below every value
    std::string line;
  };
  struct Less {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return GroupKey::compare(a, b) < 0; }
  };

  std::size_t count_;
  std::string by_;
  std::optional<std::size_t> column_;
  std::vector<std::size_t> per_;  ///< fields of the key
  Window window_{};
  std::map<std::string, std::vector<Ranked>, Less> groups_;
  std::string group_;
  std::string text_;
};

}  // namespace weir::win_agg
