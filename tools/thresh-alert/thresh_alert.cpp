#include "thresh_alert.hpp"

namespace weir {

Verdict ThreshAlert::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
