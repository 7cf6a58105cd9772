#include "@FILE@.hpp"

#include <utility>

namespace weir::@SPACE@ {
namespace {

constexpr std::size_t block = 65'536;  // bytes written at once

}  // namespace

void @CLASS@::start(SinkHost& host) {
  host_ = &host;
  file_.emplace(settings_.file);
}

Verdict @CLASS@::on_record(const Record& record) {
  if (host_->pipeline() == nullptr) {
    lines_ += record.line();
    lines_ += '\n';
    if (lines_.size() >= block) flush();
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
  file_->sync();
  return true;
}

bool @CLASS@::carry_out(std::uint64_t epoch) {
  for (std::size_t i = 0; i < outbox_.size(); ++i)
    lines_ += state::message_id(host_->pipeline()->pipe, epoch, i + 1) + '\t' + std::string(outbox_[i].payload) + '\n';
  flush();
  file_->sync();
  end_outbox(*host_);
  return true;
}

void @CLASS@::flush() {
  file_->append(lines_);
  lines_.clear();
}

}  // namespace weir::@SPACE@
