#include "@FILE@.hpp"

namespace weir::@SPACE@ {

Verdict @CLASS@::on_record(const Record& record, Output& out) {
  ++records_;
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir::@SPACE@
