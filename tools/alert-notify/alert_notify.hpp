// The sink of alert-notify: alerts in, messages to people out.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "alert.hpp"
#include "courier.hpp"
#include "desk.hpp"
#include "message_writer.hpp"
#include "pipeline/outbox_sink.hpp"

namespace weir::alert_notify {

/// Decides by the times of records who is told, and sends.
///
/// With checkpoints the snapshot has the messages that have not arrived; what arrives is noted in a journal beside it.
/// An epoch is over when its messages are on their way, so that a service that is away keeps nobody else waiting; at
/// the end of the input all have to arrive.
class AlertNotify : public OutboxSink {
 public:
  struct Settings {
    ReadingSettings reading;
    Config config;
    std::vector<Secrets> secrets;  ///< of the channels, in their order
    Silences silences;
    /// The silences anew where their file has changed. Throws std::invalid_argument when they cannot be used.
    std::function<std::optional<Silences>()> changed_silences;
    std::string history;
    std::optional<Duration> retry_for;
    std::optional<Duration> max_future;
    std::uint64_t max_keys = 100'000;
    std::uint64_t max_pending = 10'000;
    std::uint64_t max_held = std::uint64_t{256}
                             << 20U;  ///< bytes of messages on their way, and of alerts that are remembered
    std::optional<Time> now;
    std::string run;                          ///< what ids begin with, without checkpoints
    std::function<void(std::string&)> print;  ///< --dry-run: takes a line for each message, and nothing is sent
  };

  /// Throws std::invalid_argument, naming the option or the place in the file.
  explicit AlertNotify(Settings settings);

  std::vector<NamedField> named_fields() const override;
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_watermark(Time time) override { desk_.on_watermark(time); }
  bool ready() override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string give_up() override;
  CountReport counts() const override;

  std::uint32_t schema() const override { return 3; }
  Repeat repeat() const override { return Repeat::visible; }
  std::uint64_t held_bytes() const override { return gathered_bytes_; }
  void on_end() override;
  void seal() override;
  void state(StateArchive& archive) override;
  void restored(LastEpoch last) override;
  bool carry_out(std::uint64_t epoch) override;

 private:
  using clock = std::chrono::steady_clock;
  void look_at_silences();
  void look_now_and_then();
  bool gathers() const { return host_->pipeline() != nullptr; }
  void on_notice(const Notice& notice);
  void report_missing();
  void print(const Message& message);

  Settings settings_;
  AlertReader reader_;
  Desk desk_;
  MessageWriter writer_;
  SinkHost* host_ = nullptr;
  std::optional<Courier> courier_;
  std::vector<Alert> alerts_;
  std::vector<Message> gathered_;  ///< of the epoch under way
  std::uint64_t gathered_bytes_ = 0;
  bool has_ended_ = false;
  bool is_sealed_ = false;  ///< the epoch's snapshot is durable once carry_out() is called
  bool is_restored_ = false;
  bool gives_up_ = false;
  std::uint64_t acknowledged_ = 0;
  std::set<std::string> reported_;  ///< fields of texts that an alert did not have
  clock::time_point next_look_{};   ///< at the silences, without checkpoints
};

}  // namespace weir::alert_notify
