#include "@FILE@.hpp"

namespace weir::@SPACE@ {

Verdict @CLASS@::on_record(const Record& record, Ticket ticket) {
  const bool passes = records_++ % settings_.every == 0;
  requests_.emplace_back(ticket, passes ? std::string(record.line()) + '\n' : std::string());
  return Verdict::ok();
}

void @CLASS@::wait(std::span<pollfd> also, WaitLimit limit) {
  wait_for(also, requests_.empty() ? limit : WaitLimit(0));
  while (!requests_.empty()) {  // the last request is answered first: the run keeps the order of the input
    answers_->answer(requests_.back().first, requests_.back().second);
    requests_.pop_back();
  }
}

}  // namespace weir::@SPACE@
