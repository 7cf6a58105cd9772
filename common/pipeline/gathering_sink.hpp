// An OutboxSink that gathers one message for each record.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/outbox_sink.hpp"
#include "state/outbox.hpp"

namespace weir {

/// The messages of an epoch are one state::Outbox, which its snapshot has until they are sent.
class GatheringSink : public OutboxSink {
 public:
  std::uint64_t held_bytes() const override { return gathered_.bytes(); }

  void seal() override {
    std::swap(outbox_, gathered_);
    gathered_.clear();
  }

  void state(StateArchive& archive) override { archive.value(outbox_); }

  void restored(LastEpoch last) override {
    if (last == LastEpoch::carried_out && repeat() == Repeat::visible) outbox_.clear();
  }

 protected:
  /// Keeps a message of the outbox for the rejects: its receiver refuses it.
  void refuse(std::uint64_t number, std::string_view reason) {
    const state::Outbox::Message message = outbox_[number];
    refuse(message.line, message.raw, reason);
  }

  /// Keeps a record of a message of the outbox, which holds several, for the rejects.
  void refuse(std::uint64_t line, std::string_view raw, std::string_view reason) {
    refused_.push_back({line, std::string(raw), std::string(reason)});
  }

  /// The outbox has been sent. Where messages were refused its snapshot is written again, now without the messages.
  void end_outbox(SinkHost& host) {
    outbox_.clear();
    if (!refused_.empty()) host.refuse(std::exchange(refused_, {}));
  }

  state::Outbox gathered_;  ///< of the epoch under way
  state::Outbox outbox_;    ///< of the last one that ended

 private:
  std::vector<Refusal> refused_;  ///< of the outbox
};

}  // namespace weir
