// The stage of @NAME@: a filter whose records wait for answers.
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>

#include "pipeline/async_filter.hpp"

namespace weir::@SPACE@ {

struct Settings {
  std::uint64_t every = 1;
  std::uint64_t in_flight = 16;
};

/// Passes on one of `every` records, unchanged, once it is answered. The answer to a request is the request itself.
class @CLASS@ : public AsyncFilter {
 public:
  explicit @CLASS@(const Settings& settings) : settings_(settings) {}

  std::size_t most_in_flight() const override { return settings_.in_flight; }
  void start(Answers& answers) override { answers_ = &answers; }
  Verdict on_record(const Record& record, Ticket ticket) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  /// The state that records leave for later records, saved and restored by this one description.
  void state(StateArchive& archive) override { archive.values(records_); }

 private:
  Settings settings_;
  Answers* answers_ = nullptr;
  std::deque<std::pair<Ticket, std::string>> requests_;  ///< in flight
  std::uint64_t records_ = 0;
};

}  // namespace weir::@SPACE@
