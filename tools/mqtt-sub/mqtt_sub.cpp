#include "mqtt_sub.hpp"

#include <algorithm>
#include <utility>

namespace weir::mqtt_sub {
namespace {

constexpr std::uint64_t read_batch = 256;

}  // namespace

MqttSub::MqttSub(SubscribeSettings settings, const mqtt::Settings& broker, Surroundings surroundings)
    : settings_(std::move(settings)),
      around_(std::move(surroundings)),
      shaper_(settings_.shape),
      client_(broker, *this, around_.log) {
  client_.subscribe(settings_.filters, settings_.qos);
}

Source::Step MqttSub::next(Output& out) {
  if (out.lines.empty()) {
    acknowledge();
  } else if (unacknowledged_) {
    return Step::idle;  // the broker waits for acknowledgements, and they wait for these lines to be written
  }
  if (!complete()) {
    const std::uint64_t wanted = settings_.count ? *settings_.count - written_ : read_batch;
    more_ = client_.read(static_cast<std::size_t>(std::min(read_batch, wanted)));
  }
  const bool some = !lines_.empty();
  out.lines += lines_;
  lines_.clear();
  if (complete()) return Step::end;
  return some ? Step::more : Step::idle;
}

void MqttSub::wait(std::span<pollfd> also, WaitLimit limit) {
  // What TLS has decrypted already does not show at the socket.
  if (more_ || !lines_.empty()) limit = WaitLimit::zero();
  acknowledge();
  client_.wait(also, limit);
}

void MqttSub::close(Output& out) {
  out.lines += lines_;
  lines_.clear();
}

void MqttSub::acknowledge() {
  if (!lines_.empty() || !std::exchange(unacknowledged_, false)) return;
  around_.keep_rejects();
  client_.flush();
}

void MqttSub::on_message(const mqtt::Message& message) {
  if (complete()) {
    ++surplus_;
    return;
  }
  if (message.retained && settings_.retained == Retained::left_out) return;
  ++messages_;
  if (message.qos != mqtt::Qos::at_most_once) unacknowledged_ = true;
  const Verdict verdict = shaper_.write(message, around_.now(), lines_);
  if (verdict.rejected()) {
    around_.rejects.reject(messages_, message.payload, verdict.reason());
  } else {
    ++written_;
  }
}

void MqttSub::farewell() {
  if (surplus_ > 0) return;  // one acknowledgement would take all with it; at QoS 1 those come again
  acknowledge();
  client_.disconnect();
}

}  // namespace weir::mqtt_sub
