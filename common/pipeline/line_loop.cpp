#include "pipeline/line_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "time/duration.hpp"
#include "time/timestamp.hpp"

namespace weir {

const Record& RecordHandler::Parsed::record() const {
  const Record* const record = parser_.parse(line().text, line().number);
  if (record == nullptr) throw std::logic_error("a record that one thread has read cannot be parsed again");
  return *record;
}

void LineLoop::take_block(const ReadBlock& block, std::uint64_t max_line, std::uint64_t& number) {
  const std::byte* entry = block.entries.data();
  for (const ReadBlock::Item& item : block.items) {
    if (is_stopped()) return;
    const Line line{block.lines.substr(item.begin, std::min<std::size_t>(item.length, max_line)), ++number,
                    item.length > max_line};
    if (item.entry == 0) {
      take(line);
      continue;
    }
    take_record(line, [&] { return handler_.on_read(line, entry); });
    entry += item.entry;
  }
}

void LineLoop::take_control(const Line& line) {
  const auto control = parse_control(line.text);
  if (!control) return reject_control(line, "a malformed control line");
  if (control->type == Control::Type::watermark) {
    watermark_ = control->time;
    if (guard_ != nullptr) {
      guard_->on_watermark(control->time);
      settle();
    }
    return handler_.on_watermark(control->time, line.text);
  }
  if (control->type == Control::Type::other) return handler_.on_unknown_control(line.text);
  if (order_ == nullptr)
    return reject_control(line, "a control line of checkpoints, and this stage keeps no state (--state or WEIR_STATE)");
  order_->take(*control);
  switch (control->type) {
    case Control::Type::begin:
      return handler_.on_begin(*control, line.text);
    case Control::Type::restore:
      return handler_.on_restore(*control, line.text);
    case Control::Type::end:
      on_end();
      return handler_.on_input_end(line.text);
    default:
      return handler_.on_barrier(*control);
  }
}

void LineLoop::on_pause() {
  if (guard_ == nullptr || !guard_->waits()) return;
  guard_->on_pause(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
  settle();
}

void LineLoop::on_end() {
  if (guard_ == nullptr) return;
  guard_->on_end();
  settle();
}

void LineLoop::take_guarded(const Line& line, const Verdict& verdict) {
  if (const auto time = guard_->take_set_aside())
    set_aside_.push_back({*time, line.number, file_, std::string(line.text)});
  else if (verdict.rejected())
    rejects_.reject(line.number, line.text, verdict.reason());
  settle();
}

/// Gives the records that are believed to the handler, and rejects those that are not.
void LineLoop::settle() {
  while (const auto ruling = guard_->ruling()) {
    std::vector<SetAside> wrong;
    for (SetAside& record : std::exchange(set_aside_, {})) {
      if (record.time <= ruling->believed)
        give(record);
      else
        (ruling->keep_rest ? set_aside_ : wrong).push_back(std::move(record));
    }
    std::vector<Time> kept;
    for (const SetAside& record : set_aside_) kept.push_back(record.time);
    guard_->settle(std::move(kept));
    for (const SetAside& record : wrong) {
      handler_.on_unusable();
      rejects_.set_file(record.file);
      rejects_.reject(record.number, record.text,
                      fmt::format("its time {} is {} ahead of the records before it (--max-future)",
                                  format_time(record.time), format_duration(guard_->ahead(record.time))));
    }
    rejects_.set_file(file_);
  }
}

void LineLoop::give(const SetAside& record) {
  padded_.assign(record.text).append(RecordParser::padding, '\0');
  rejects_.set_file(record.file);
  const std::string_view text(padded_.data(), record.text.size());
  if (const Verdict verdict = handler_.on_line({text, record.number}); verdict.rejected())
    rejects_.reject(record.number, text, verdict.reason());
}

void LineLoop::state(StateArchive& archive) {
  if (guard_ == nullptr) return;
  archive.values(*guard_, set_aside_);
}

void LineLoop::reject_control(const Line& line, std::string_view reason) {
  count_record();
  reject_unusable(line, reason);
}

void LineLoop::reject_unusable(const Line& line, std::string_view reason) {
  handler_.on_unusable();
  rejects_.reject(line.number, line.text, reason);
}

}  // namespace weir
