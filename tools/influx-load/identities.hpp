// The identities of points that have come lately.
#pragma once
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "state/archive.hpp"

namespace weir::influx_load {

/// Counts identities among the last 50,000 of them at least, whatever the batches are.
class Identities {
 public:
  static constexpr std::size_t most = 50'000;

  /// How often this hash of an identity has come before.
  std::uint32_t note(std::uint64_t hash) {
    if (recent_.size() >= most && !recent_.contains(hash)) {
      std::swap(recent_, earlier_);
      recent_.clear();
    }
    const auto [found, first] = recent_.try_emplace(hash, 0);
    if (first)
      if (const auto earlier = earlier_.find(hash); earlier != earlier_.end()) found->second = earlier->second;
    return found->second++;
  }

  void state(StateArchive& archive) { archive.values(recent_, earlier_); }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> recent_, earlier_;
};

}  // namespace weir::influx_load
