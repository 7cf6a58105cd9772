// The stage of @NAME@: a sink whose store commits records and epoch in one transaction.
#pragma once
#include <cstdint>
#include <string>
#include <utility>

#include "pipeline/transaction_sink.hpp"

namespace weir::@SPACE@ {

/// Stores records in a file that is replaced as a whole. Its first line is `EPOCH RUN`, so that both change together.
class @CLASS@ : public TransactionSink {
 public:
  struct Settings {
    std::string store;
    std::string prefix{};
  };
  explicit @CLASS@(Settings settings) : settings_(std::move(settings)) {}

  Verdict on_record(const Record& record) override;
  bool finish() override;

  std::uint64_t fence(const PipelineRun& run) override;
  std::uint64_t held_bytes() const override { return records_.size(); }
  bool commit(std::uint64_t epoch) override;

 private:
  /// The content of the store.
  struct Content {
    std::uint64_t epoch = 0;
    std::string run = "none";
    std::string records;
  };
  Content read() const;
  void write(const Content& content) const;

  Settings settings_;
  std::string run_;
  std::string records_;  ///< lines of the current epoch
};

}  // namespace weir::@SPACE@
