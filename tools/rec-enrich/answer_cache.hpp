// The answers of a server, by key, in bounded memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "source.hpp"
#include "time/time_types.hpp"

namespace weir::rec_enrich {

/// Keeps the answers that were used last. An answer that is older than the record, by more than a limit of event time,
/// is asked for again.
class AnswerCache {
 public:
  AnswerCache(std::size_t most, std::optional<Duration> keep) : most_(most), keep_(keep) {}

  struct Entry {
    std::string key;
    Outcome outcome = Outcome::pending;
    tables::Position asked = 0;  ///< the time of the record that asked
    std::string members{};
    std::vector<std::uint32_t> ends{};
  };

  /// The entry of a key, which is the one used last now. `fresh`: it has to be asked for.
  Entry& use(std::string_view key, tables::Position at, bool& fresh);

  std::size_t size() const { return entries_.size(); }

 private:
  std::size_t most_;
  std::optional<Duration> keep_;
  std::list<Entry> entries_;  ///< the one used last first; none moves in memory
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
};

}  // namespace weir::rec_enrich
