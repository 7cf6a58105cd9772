#include "summary_mail.hpp"

namespace weir {

Verdict SummaryMail::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
