#include "pipeline/line_loop.hpp"

namespace weir {

void LineLoop::take_control(const Line& line) {
  const auto control = parse_control(line.text);
  if (!control) return reject_control(line, "a malformed control line");
  if (control->type == Control::Type::watermark) return handler_.on_watermark(control->time, line.text);
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
      return handler_.on_input_end(line.text);
    default:
      return handler_.on_barrier(*control);
  }
}

void LineLoop::reject_control(const Line& line, std::string_view reason) {
  if (order_ != nullptr) order_->expect_record();
  ++records_;
  reject_unusable(line, reason);
}

void LineLoop::reject_unusable(const Line& line, std::string_view reason) {
  handler_.on_unusable();
  rejects_.reject(line.number, line.text, reason);
}

}  // namespace weir
