#include "@FILE@.hpp"

namespace weir::@SPACE@ {

Verdict @CLASS@::on_record(const Record& record, Output& out) {
  if (records_++ % settings_.every != 0) return Verdict::ok();
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir::@SPACE@
