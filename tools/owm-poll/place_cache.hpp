// The coordinates of names, kept from run to run.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "city.hpp"

namespace weir::owm_poll {

/// Looked-up places, by provider and name; with a path also in a file of records
/// `{"provider","name","latitude","longitude"}`, which a person may edit.
class PlaceCache {
 public:
  /// Reads the file when there is one; an empty path keeps nothing. Lines that are no such records count as `skipped`.
  /// Throws std::system_error when the file cannot be read.
  explicit PlaceCache(std::string path = {});

  std::optional<Coordinates> find(std::string_view provider, std::string_view name) const;
  void add(std::string_view provider, std::string_view name, Coordinates place);

  /// Places were added since the last save().
  bool dirty() const { return dirty_; }
  /// Writes the file anew, with what other processes put into it meanwhile. Throws std::system_error, and
  /// std::runtime_error when another process keeps the lock (`PATH.lock`) for 10 seconds.
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
