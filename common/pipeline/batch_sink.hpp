// What sinks share that gather records into batches, of which one is under way at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "pipeline/transaction_sink.hpp"

namespace weir {

/// Fills a batch while a Loader has the one before under way. `Shape` is TransactionSink, or GatheringSink. Without
/// checkpoints a batch is sent when it is full, and when input pauses; a server that is slow fills the pipe.
///
/// The Loader has busy(), and pump(), which moves its batch on without waiting.
template <typename Shape, typename Loader>
class BatchSink : public Shape {
 public:
  void start(SinkHost& host) override { host_ = &host; }

  bool ready() override {
    if (has_epochs() || !is_full()) return true;
    loader().pump();
    dispatch_if_idle();
    return !is_full();
  }

  void on_pause(InputFlow flow) override {
    loader().pump();
    if (flow == InputFlow::paused) dispatch_if_idle();
  }

 protected:
  virtual Loader& loader() = 0;
  virtual bool is_full() const = 0;
  /// Sends what is gathered, if anything is.
  virtual void dispatch() = 0;

  bool has_epochs() const { return host_->pipeline() != nullptr; }

  void dispatch_if_idle() {
    if (!has_epochs() && !loader().busy()) dispatch();
  }

  SinkHost* host_ = nullptr;
};

/// A BatchSink whose batches are transactions: with checkpoints an epoch is one. A Batch has the epoch's number in
/// `epoch`, and in `raw` the lines of its records, where the rejects keep them.
///
/// The Loader also has begin(Batch), settle(), which waits for its batch, and descriptor().
template <typename Batch, typename Loader>
class BatchTransactionSink : public BatchSink<TransactionSink, Loader> {
 public:
  void start(SinkHost& host) override {
    BatchSink<TransactionSink, Loader>::start(host);
    keeps_lines_ = host.keeps_rejects();
  }

  /// Hands the epoch's batch over once, and then asks what became of it.
  bool commit(std::uint64_t epoch) final {
    if (begun_epoch_ != epoch) {
      begun_epoch_ = epoch;
      batch_.epoch = epoch;
      this->dispatch();
    }
    this->loader().pump();
    return !this->loader().busy();
  }

  bool finish() override {
    this->loader().settle();
    this->dispatch();
    this->loader().settle();
    return true;
  }

 protected:
  void begin_batch() {
    pumped_at_ = 0;
    this->loader().begin(std::exchange(batch_, {}));
  }

  /// Notes where the line of an entry of the batch stands.
  template <typename Entry>
  void keep_line(Entry& entry, const Record& record) {
    if (!keeps_lines_) return;
    entry.raw = batch_.raw.size();
    entry.raw_size = record.line().size();
    batch_.raw += record.line();
  }

  /// Looks after the batch under way, whenever so much more has been gathered.
  void pump_at(std::size_t gathered_bytes) {
    constexpr std::size_t step = 64 * 1024;
    if (gathered_bytes < pumped_at_ + step) return;
    pumped_at_ = gathered_bytes;
    this->loader().pump();
  }

  /// Waits, also for the server where a batch is under way. Returns whether the server was ready.
  bool wait_for_server(std::span<pollfd> also, WaitLimit limit) {
    pollfd server = this->loader().busy() ? this->loader().descriptor() : pollfd{-1, 0, 0};
    wait_for({&server, 1}, also, limit);
    return server.revents != 0;
  }

  Batch batch_;  ///< being filled

 private:
  bool keeps_lines_ = true;
  std::uint64_t begun_epoch_ = 0;  ///< the last one whose commit has begun
  std::size_t pumped_at_ = 0;      ///< bytes of batch_ when the batch under way was last looked after
};

}  // namespace weir
