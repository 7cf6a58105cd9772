// The file of sent readings, which lasts from run to run.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "sent_readings.hpp"
#include "state/lock_file.hpp"

namespace weir::owm_poll {

/// The readings sent, by city.
using SentByCity = std::map<std::string, SentReadings>;

/// The file of `--sent`, held by one run: records `{"city","timestamp"}` with the reading's own time.
class SentFile {
 public:
  /// Takes the lock `PATH.lock` until it is destroyed; without a path nothing is stored. Throws std::runtime_error when
  /// another process holds it, std::system_error when it cannot be opened.
  explicit SentFile(std::string path);

  bool wanted() const { return !path_.empty(); }
  /// Reads the file; invalid lines are ignored. Throws std::system_error when it cannot be read.
  SentByCity load() const;
  /// Rewrites the file, durably. Throws std::system_error.
  void save(const SentByCity& sent) const;

 private:
  std::string path_;
  std::optional<state::LockFile> lock_;
};

}  // namespace weir::owm_poll
