// Puts the rows of many stores into one order.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "record/group_key.hpp"
#include "time/time_types.hpp"

namespace weir::win_agg {

/// Sorts rows that were written store by store by window end, then key.
class GatheredRows {
 public:
  /// The text to whose end the row is to be written. The view of the key is kept until give().
  std::string& add(Time end, std::string_view key) {
    rows_.push_back({end, GroupKey::order_prefix(key), key, text_.size()});
    return text_;
  }

  /// Calls on_row(line) for each row in order, and forgets them.
  template <typename OnRow>
  void give(OnRow on_row) {
    for (std::size_t i = 0; i < rows_.size(); ++i)
      rows_[i].size = (i + 1 < rows_.size() ? rows_[i + 1].at : text_.size()) - rows_[i].at;
    std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
      if (a.end != b.end) return a.end < b.end;
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      const int order = GroupKey::compare(a.key, b.key);
      return order != 0 ? order < 0 : a.at < b.at;
    });
    for (const Row& row : rows_) on_row(std::string_view(text_).substr(row.at, row.size));
    rows_.clear();
    text_.clear();
  }

 private:
  struct Row {
    Time end;
    std::uint64_t prefix;  ///< of the key's order
    std::string_view key;
    std::size_t at;
    std::size_t size = 0;
  };
  std::vector<Row> rows_;
  std::string text_;
};

}  // namespace weir::win_agg
