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

/// Keeps so many rows of each window, or of each window and group of keys. They come out by group, then from the
/// greatest value to the least; of equal values the first by key stands first, and rows without one stand last. Holds
/// no more rows than come out.
class TopRows {
 public:
  /// Throws std::invalid_argument, in the words of the options, when there is no such column or key. Columns may still
  /// be found when `columns_come`.
  enum class Columns : std::uint8_t { all_known, may_come };
  TopRows(const WinAggSettings& settings, const GroupKey& group, const CellLayout& layout, Columns columns);

  /// A row; those of a window come one behind another, in the order of their keys. What is settled goes to `out`.
  void take(const WindowRow& row, Completeness rows, const CellLayout& layout, RowWriter& writer, std::string& out);

  /// No more rows of the window come.
  void give(std::string& out);

 private:
  struct Ranked {
    std::optional<double> value;  ///< nothing is less than any value
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
