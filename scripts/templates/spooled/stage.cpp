#include "@FILE@.hpp"

#include <stdexcept>

namespace weir::@SPACE@ {

void @CLASS@::start(SourceHost& host, Inbox& inbox) {
  host_ = &host;
  inbox_ = &inbox;
  in_.open(settings_.from);
  if (!in_) throw std::runtime_error(settings_.from + ": cannot be opened");
}

void @CLASS@::stored(std::string_view line) { stored_ = std::stoull(std::string(line.substr(0, line.find(' ')))); }

bool @CLASS@::receive(std::uint64_t most) {
  std::string line;
  for (std::uint64_t added = 0; added < most;) {
    if (!std::getline(in_, line)) {
      finished_ = true;
      return false;
    }
    if (++read_ <= stored_) continue;
    inbox_->add(std::to_string(read_) + ' ' + line);
    ++added;
  }
  return true;
}

Receiver::Emitted @CLASS@::emit(std::string_view line, std::uint64_t number, Output& out) {
  const std::string_view raw = line.substr(line.find(' ') + 1);
  if (parser_.parse_copy(raw, number) == nullptr) {
    host_->reject(number, raw, parser_.reason());
    return Emitted::reject;
  }
  out.lines += raw;
  out.lines += '\n';
  return Emitted::record;
}

}  // namespace weir::@SPACE@
