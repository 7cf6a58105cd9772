// A connection of bytes, in plain text or over TLS; the door to OpenSSL.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/redis/settings.hpp"

namespace weir::redis {

/// The connection is gone, or there was none: connecting again may help.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A stream that never blocks but in open(). Not thread-safe.
class Transport {
 public:
  /// Waits for one descriptor; returns false when the time of open() is over, and throws to end the wait.
  using Wait = std::function<bool(pollfd&)>;

  Transport();
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Connects, and with TLS shakes hands. Throws ConnectionLost, std::runtime_error when a file of TLS cannot be used,
  /// and what `wait` throws.
  void open(const Settings& settings, const Wait& wait);
  void close();
  bool is_open() const;

  /// Writes what can be written now and returns its size; 0: nothing can. Throws ConnectionLost.
  std::size_t write(std::string_view bytes);
  /// Reads what has come and returns its size; 0: nothing has. Throws ConnectionLost, also at the end.
  std::size_t read(std::span<char> into);

  /// For poll(2). `writes`: bytes are still to be written.
  pollfd descriptor(bool writes) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::redis
