// The sink of influx-load: a point for every record.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/batch_sink.hpp"
#include "pipeline/gathering_sink.hpp"
#include "point_maker.hpp"
#include "sender.hpp"

namespace weir::influx_load {

/// Writes records to InfluxDB. A point that is sent twice replaces itself, so an epoch may be carried out again.
class InfluxLoad : public BatchSink<GatheringSink, Sender> {
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
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  bool finish() override;
  std::string summary() const override;

  Repeat repeat() const override { return Repeat::harmless; }
  void seal() override;
  void state(StateArchive& archive) override;
  /// With --seq-tag the state has the identities of the last points, too.
  std::uint32_t schema() const override { return maker_.tells_apart() ? 3 : 1; }
  bool carry_out(std::uint64_t epoch) override;

 private:
  Sender& loader() override { return *sender_; }
  bool is_full() const override {
    return gathered_.size() >= settings_.server.batch || gathered_.bytes() >= settings_.server.batch_bytes;
  }
  void dispatch() override;

  Settings settings_;
  PointMaker maker_;
  std::optional<Sender> sender_;
  Identities sealed_;          ///< of points up to the end of the last epoch
  bool carrying_out_ = false;  ///< the outbox has begun to be sent
  std::string point_;
};

}  // namespace weir::influx_load
