// A cache of places' coordinates that lasts from run to run.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "city.hpp"

namespace weir::owm_poll {

/// Looked-up places by provider and name. With a path they are also in a file of records
/// `{"provider","name","latitude","longitude"}`, which users may edit.
class PlaceCache {
 public:
  /// Reads the file if it exists; without a path nothing is stored. Invalid lines count as `skipped`. Throws
  /// std::system_error when the file cannot be read.
  explicit PlaceCache(std::string path = {});

  std::optional<Coordinates> find(std::string_view provider, std::string_view name) const;
  void add(std::string_view provider, std::string_view name, Coordinates place);

  /// Whether places were added since the last save().
  bool dirty() const { return dirty_; }
  /// Rewrites the file, merged with what other processes have added. Throws std::system_error, and std::runtime_error
  /// when another process holds the lock (`PATH.lock`) for 10 seconds.
  void save();

  unsigned skipped() const { return skipped_; }

 private:
  using Places = std::map<std::pair<std::string, std::string>, Coordinates>;
  static Places read(const std::string& path, unsigned& skipped);
  std::string path_;
  Places places_;
  unsigned skipped_ = 0;
  bool dirty_ = false;
};

}  // namespace weir::owm_poll
