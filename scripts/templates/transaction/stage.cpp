#include "@FILE@.hpp"

#include <sstream>
#include <stdexcept>

#include "state/atomic_file.hpp"

namespace weir::@SPACE@ {

Verdict @CLASS@::on_record(const Record& record) {
  records_ += settings_.prefix;
  records_ += record.line();
  records_ += '\n';
  return Verdict::ok();
}

bool @CLASS@::finish() {
  Content content = read();
  content.records += records_;
  write(content);
  records_.clear();
  return true;
}

std::uint64_t @CLASS@::fence(const PipelineRun& run) {
  Content content = read();
  content.run = run_ = run.run;
  write(content);
  return content.epoch;
}

bool @CLASS@::commit(std::uint64_t epoch) {
  Content content = read();
  if (content.run != run_) throw std::runtime_error(settings_.store + ": another run has taken over");
  if (content.epoch != epoch - 1) throw std::runtime_error(settings_.store + ": its epoch is not the one before");
  content.epoch = epoch;
  content.records += records_;
  write(content);
  records_.clear();
  return true;
}

@CLASS@::Content @CLASS@::read() const {
  Content content;
  const auto bytes = state::read_file(settings_.store);
  if (!bytes) return content;
  std::istringstream head(*bytes);
  if (!(head >> content.epoch >> content.run) || head.get() != '\n')
    throw std::runtime_error(settings_.store + ": is not a store");
  content.records = bytes->substr(static_cast<std::size_t>(head.tellg()));
  return content;
}

void @CLASS@::write(const Content& content) const {
  state::write_file(settings_.store, std::to_string(content.epoch) + ' ' + content.run + '\n' + content.records);
}

}  // namespace weir::@SPACE@
