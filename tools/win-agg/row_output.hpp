// The rows of windows on their way to standard output.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "gathered_rows.hpp"
#include "having.hpp"
#include "pipeline/output.hpp"
#include "row_writer.hpp"
#include "sampler.hpp"
#include "top_rows.hpp"

namespace weir::win_agg {

/// Whether rows come in the order in which they are written, or store by store.
enum class RowOrder : std::uint8_t { as_written, by_store };

/// Writes rows: those that --having wants, the greatest by --top, ordered by window end, then key.
class RowOutput {
 public:
  /// Throws std::invalid_argument on a bad --having, --top-by or --top-per.
  RowOutput(const Settings& settings, const GroupKey& group, const Sampler& sampler, const CellLayout& layout);

  /// What a store calls with each of its rows. `layout` is the store's; finish() comes after the last store.
  WindowStore::OnRow on_row(const CellLayout& layout, Completeness rows, RowOrder order, Output& out);

  /// Writes the rows held back for their order or rank.
  void finish(Output& out);

  /// Rows have the parts of aggregates from now on, as RowWriter::write_parts().
  void write_parts(const CellText& parts) { writer_.write_parts(parts); }
  void set_seen(Time seen) { writer_.set_seen(seen); }

  const std::optional<Having>& having() const { return having_; }

 private:
  bool is_wanted(const CellLayout& layout, const WindowRow& row, Completeness rows);

  RowWriter writer_;
  std::optional<Having> having_;
  std::optional<TopRows> top_;
  GatheredRows gathered_;
};

}  // namespace weir::win_agg
