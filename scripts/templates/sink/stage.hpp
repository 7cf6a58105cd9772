// The stage of @NAME@: a sink that keeps no state.
#pragma once
#include <cstdint>
#include <string>

#include "pipeline/sink.hpp"

namespace weir::@SPACE@ {

/// Counts records.
class @CLASS@ : public Sink {
 public:
  struct Settings {};
  explicit @CLASS@(const Settings& settings) { static_cast<void>(settings); }

  Verdict on_record(const Record& record) override;
  bool finish() override { return true; }
  std::uint64_t records() const { return records_; }

 private:
  std::uint64_t records_ = 0;
};

}  // namespace weir::@SPACE@
