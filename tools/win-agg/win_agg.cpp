#include "win_agg.hpp"

namespace weir {

Verdict WinAgg::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
