#include "@FILE@.hpp"

#include <stdexcept>
#include <utility>

namespace weir::@SPACE@ {

void @CLASS@::start(SinkHost& host) {
  host_ = &host;
  out_.open(settings_.file, std::ios::app);
  if (!out_) throw std::runtime_error(settings_.file + ": cannot be opened");
}

Verdict @CLASS@::on_record(const Record& record) {
  if (host_->pipeline() == nullptr) {
    out_ << record.line() << '\n';
  } else {
    gathered_.add({settings_.file, record.line(), record.line_number(), record.line()});
  }
  return Verdict::ok();
}

void @CLASS@::on_pause(InputFlow flow) {
  static_cast<void>(flow);
  flush();
}

bool @CLASS@::finish() {
  flush();
  return true;
}

void @CLASS@::seal() {
  outbox_.clear();
  std::swap(outbox_, gathered_);
}

void @CLASS@::restored(LastEpoch last) {
  if (last == LastEpoch::carried_out) outbox_.clear();
}

bool @CLASS@::carry_out(std::uint64_t epoch) {
  for (std::size_t i = 0; i < outbox_.size(); ++i)
    out_ << state::message_id(host_->pipeline()->pipe, epoch, i + 1) << '\t' << outbox_[i].payload << '\n';
  flush();
  outbox_.clear();
  return true;
}

void @CLASS@::flush() {
  if (!out_.flush()) throw std::runtime_error(settings_.file + ": cannot be written");
}

}  // namespace weir::@SPACE@
