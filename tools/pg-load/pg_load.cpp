#include "pg_load.hpp"

namespace weir {

Verdict PgLoad::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
