#include "influx_load.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "record/counted.hpp"

namespace weir::influx_load {

InfluxLoad::InfluxLoad(Settings settings) : settings_(std::move(settings)), maker_(settings_.mapping, fields_) {
  if (settings_.mapping.fields.empty()) throw std::invalid_argument("--fields is empty");
}

void InfluxLoad::start(SinkHost& host) {
  BatchSink::start(host);
  sender_.emplace(settings_.server, host.log(), [this](std::size_t number, const std::string& reason) {
    if (has_epochs()) return refuse(number, reason);
    const state::Outbox::Message point = outbox_[number];
    host_->reject(point.line, point.raw, reason);
  });
}

Verdict InfluxLoad::on_record(const Record& record) {
  if (Verdict verdict = maker_.make(record, point_); verdict.rejected()) return verdict;
  gathered_.add({{}, point_, record.line_number(), host_->keeps_rejects() ? record.line() : point_});
  if (is_full()) dispatch_if_idle();
  return Verdict::ok();
}

void InfluxLoad::dispatch() {
  if (gathered_.size() == 0) return;
  GatheringSink::seal();
  sender_->begin(outbox_);
  sender_->pump();
}

void InfluxLoad::wait(std::span<pollfd> also, WaitLimit limit) {
  sender_->wait(also, limit);
  sender_->pump();
  dispatch_if_idle();
}

bool InfluxLoad::finish() {
  sender_->pump();
  if (sender_->busy()) return false;
  dispatch();
  return !sender_->busy();
}

void InfluxLoad::seal() {
  GatheringSink::seal();
  if (maker_.tells_apart()) sealed_ = maker_.identities();
  carrying_out_ = false;
}

/// With --seq-tag points of one identity are told apart over epochs and restarts, too.
void InfluxLoad::state(StateArchive& archive) {
  GatheringSink::state(archive);
  if (!maker_.tells_apart()) return;
  archive.value(sealed_);
  if (archive.loading()) maker_.set_identities(sealed_);
}

bool InfluxLoad::carry_out(std::uint64_t) {
  if (!carrying_out_) {
    carrying_out_ = true;
    sender_->begin(outbox_);
  }
  sender_->pump();
  if (sender_->busy()) return false;
  end_outbox(*host_);
  return true;
}

std::string InfluxLoad::summary() const {
  if (maker_.repeated() == 0) return {};
  if (!settings_.mapping.seq_tag.empty())
    return "--seq-tag told " + counted(maker_.repeated(), "point") + " apart from one before with the same identity";
  return counted(maker_.repeated(), "point") +
         " had the identity (measurement, tags, time) of one before, and replaced it; --seq-tag NAME keeps both";
}

}  // namespace weir::influx_load
