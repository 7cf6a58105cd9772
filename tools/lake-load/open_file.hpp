// A file that is not full yet: its records wait as lines in the table's own folder of files under way.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "partition.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::lake_load {

/// The lines of one file of a partition. What is written is durable after sync().
class OpenFile {
 public:
  OpenFile() = default;
  OpenFile(Place place, std::uint64_t number) : place_(std::move(place)), number_(number) {}

  const Place& place() const { return place_; }
  /// The number that the file has in its name.
  std::uint64_t number() const { return number_; }
  std::uint64_t rows() const { return rows_; }
  /// Bytes of all lines.
  std::uint64_t bytes() const { return written_ + pending_.size(); }
  std::size_t held_bytes() const { return pending_.size(); }
  std::string path(const std::string& folder) const;

  /// The number of the record that came last, for the choice of the file that is ended early.
  std::uint64_t last_used = 0;

  void append(std::string_view line, const std::string& folder);
  /// Writes what is held. Throws std::system_error.
  void write(const std::string& folder);
  /// As write(), and syncs to the disk what has been written since the last sync.
  void sync(const std::string& folder);
  /// Cuts off lines of an epoch that was not committed. Throws state::Unusable where committed lines are missing.
  void restore(const std::string& folder) const;

  void state(StateArchive& archive);

 private:
  Place place_;
  std::uint64_t number_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t written_ = 0;
  bool synced_ = true;
  std::string pending_;
};

}  // namespace weir::lake_load
