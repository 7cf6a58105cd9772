#include "csv_tail.hpp"

namespace weir {

Verdict CsvTail::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
