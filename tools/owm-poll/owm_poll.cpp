#include "owm_poll.hpp"

namespace weir {

Verdict OwmPoll::on_record(const Record& record, Output& out) {
  out.lines += record.line();
  out.lines += '\n';
  return Verdict::ok();
}

}  // namespace weir
