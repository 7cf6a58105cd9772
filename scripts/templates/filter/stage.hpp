// The pure stage of @NAME@.
#pragma once
#include <cstdint>

#include "pipeline/filter.hpp"

namespace weir::@SPACE@ {

struct Settings {
  std::uint64_t every = 1;
};

/// Passes on one of `every` records, unchanged.
class @CLASS@ : public Filter {
 public:
  explicit @CLASS@(const Settings& settings) : settings_(settings) {}
  Verdict on_record(const Record& record, Output& out) override;
  /// The state that records leave for later records, saved and restored by this one description.
  void state(StateArchive& archive) override { archive.values(records_); }

 private:
  Settings settings_;
  std::uint64_t records_ = 0;
};

}  // namespace weir::@SPACE@
