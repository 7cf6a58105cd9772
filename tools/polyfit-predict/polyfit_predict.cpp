#include "polyfit_predict.hpp"

namespace weir {

Verdict PolyfitPredict::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
