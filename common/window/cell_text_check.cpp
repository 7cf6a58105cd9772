// Which parts of cells contradict one another.
#include <cstdint>
#include <string>

#include "window/cell_text.hpp"
#include "window/parts.hpp"

namespace weir {
namespace {

/// Whether values can have these moments: Σx² is not less than (Σx)² ÷ n, but for what rounding takes off, and off the
/// squares of numbers below 10^-150.
bool is_possible(const MomentsPart& part) {
  const double sum = part.sum.value();
  const double squares = part.squares.value();
  if (part.count == 0) return sum == 0 && squares == 0;
  const double least = sum / static_cast<double>(part.count) * sum * (1 - 1e-12) - 1e-290;
  return !(squares < 0) && !(squares < least);  // NaN where a square was beyond a double
}

}  // namespace

/// What no records can have: more values than records, a sum of no values, a negative variance. Empty where all is
/// well.
std::string CellText::contradiction(const std::byte* cell) const {
  using PartKind = CellLayout::PartKind;
  const std::uint64_t records = CellLayout::records(cell);
  for (std::size_t i = 0; i < layout_.parts_.size(); ++i) {
    const CellLayout::Part& part = layout_.parts_[i];
    std::uint64_t values = 0;
    bool possible = true;
    switch (part.kind) {
      case PartKind::count:
        values = at<CountPart>(cell, part.offset).count;
        break;
      case PartKind::sum: {
        const CellLayout::Part* const count = layout_.find_part(layout_.fields_[part.field], PartKind::count, part.age);
        possible = count == nullptr || at<CountPart>(cell, count->offset).count > 0 ||
                   at<SumPart>(cell, part.offset).value() == 0;
        break;
      }
      case PartKind::moments: {
        const MomentsPart& moments = at<MomentsPart>(cell, part.offset);
        values = moments.count;
        possible = is_possible(moments);
        break;
      }
      case PartKind::quantiles: {
        const auto& held = at<QuantilesPart>(cell, part.offset).held;
        values = held ? held->count() : 0;
        break;
      }
      case PartKind::distinct: {
        const auto& held = at<DistinctPart>(cell, part.offset).held;
        values = held ? held->hashes().size() : 0;
        break;
      }
      case PartKind::least:
      case PartKind::greatest:
      case PartKind::first:
      case PartKind::last:
      case PartKind::step_mean:
      case PartKind::increase:
        break;
    }
    if (values > records) return names_[i + 1] + " has more values than there are records";
    if (!possible) return names_[i + 1] + " cannot be that of any values";
  }
  return {};
}

}  // namespace weir
