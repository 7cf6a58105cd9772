// The sink of influx-load: a point for every record.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/outbox_sink.hpp"
#include "point_maker.hpp"
#include "sender.hpp"
#include "state/outbox.hpp"

namespace weir::influx_load {

/// Writes records to InfluxDB. A point that is sent twice replaces itself, so an epoch may be carried out again.
class InfluxLoad : public OutboxSink {
 public:
  struct Settings {
    Mapping mapping;
    Sender::Settings server;
  };
  /// Throws std::invalid_argument, naming the option.
  explicit InfluxLoad(Settings settings);

  std::vector<NamedField> named_fields() const override { return maker_.named_fields(); }
  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  bool ready() override;
  void on_pause(InputFlow flow) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string summary() const override;

  Repeat repeat() const override { return Repeat::harmless; }
  std::uint64_t held_bytes() const override { return gathered_.bytes(); }
  void seal() override;
  void state(StateArchive& archive) override;
  /// With --seq-tag the state has the identities of the last points, too.
  std::uint32_t schema() const override { return maker_.tells_apart() ? 3 : 1; }
  bool carry_out(std::uint64_t epoch) override;

 private:
  bool gathers() const { return host_->pipeline() != nullptr; }
  bool is_full() const {
    return gathered_.size() >= settings_.server.batch || gathered_.bytes() >= settings_.server.batch_bytes;
  }
  void dispatch();

  Settings settings_;
  PointMaker maker_;
  SinkHost* host_ = nullptr;
  std::optional<Sender> sender_;
  state::Outbox gathered_;        ///< of the epoch or batch that is being filled
  state::Outbox outbox_;          ///< of the one under way
  Identities sealed_;             ///< of points up to the end of the last epoch
  bool carrying_out_ = false;     ///< its epoch has begun to be sent
  std::vector<Refusal> refused_;  ///< of it, by the server
  std::string point_;
};

}  // namespace weir::influx_load
