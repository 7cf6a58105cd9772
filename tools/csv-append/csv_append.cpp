#include "csv_append.hpp"

namespace weir {

Verdict CsvAppend::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
