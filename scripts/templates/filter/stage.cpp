#include "@FILE@.hpp"

namespace weir::@SPACE@ {

Verdict @CLASS@::on_record(const Record& record, Output& out) {
  if (records_++ % settings_.every == 0) append_line(out.lines, record.line());
  return Verdict::ok();
}

}  // namespace weir::@SPACE@
