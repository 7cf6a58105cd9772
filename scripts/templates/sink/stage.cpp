#include "@FILE@.hpp"

namespace weir::@SPACE@ {

Verdict @CLASS@::on_record(const Record& record) {
  static_cast<void>(record);
  ++records_;
  return Verdict::ok();
}

}  // namespace weir::@SPACE@
