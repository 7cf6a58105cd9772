// Which readings were sent, kept from run to run.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "sent_readings.hpp"
#include "state/lock_file.hpp"

namespace weir::owm_poll {

/// The readings sent, by city.
using SentByCity = std::map<std::string, SentReadings>;

/// Holds the file of `--sent` for one run: records `{"city","timestamp"}`, the timestamp being the reading's own.
class SentFile {
 public:
  /// Takes the lock `PATH.lock` until it is destroyed; an empty path keeps nothing. Throws std::runtime_error when
  /// another process has it, std::system_error when it cannot be opened.
  explicit SentFile(std::string path);

  bool wanted() const { return !path_.empty(); }
  /// What the file says; lines that are no such records are left out. Throws std::system_error when it cannot be read.
  SentByCity load() const;
  /// Writes it anew, durably. Throws std::system_error.
  void save(const SentByCity& sent) const;

 private:
  std::string path_;
  std::optional<state::LockFile> lock_;
};

}  // namespace weir::owm_poll
