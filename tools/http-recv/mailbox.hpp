// Requests on their way from the server's thread to the run's.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/http_server/message.hpp"

namespace weir::http_recv {

/// A request, and the number under which it is answered.
struct Delivery {
  std::uint64_t ticket = 0;
  web::Request request;
};

/// A bounded queue of requests, and how far each has come. Its functions may be called from any thread.
class Mailbox {
 public:
  enum class Stage : std::uint8_t {
    waiting,  ///< not taken yet
    taken,    ///< its records are being stored or written
    stored    ///< its records are on the disk; the sink has not committed them
  };

  /// `most` in bytes of bodies. Throws std::system_error.
  explicit Mailbox(std::size_t most);
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Adds a request; false where there is no room, or the oldest has waited for too long: the run does not read.
  bool put(Delivery delivery);
  /// The oldest request that waits.
  std::optional<Delivery> take();
  /// Removes a request that nobody has taken. Returns how far it had come; nothing where its answer is on its way.
  std::optional<Stage> withdraw(std::uint64_t ticket);

  void note_stored(std::uint64_t ticket);
  void note_answered(std::uint64_t ticket);

  /// Whether requests wait and the run does not take them.
  bool stalled() const;
  /// Readable while requests wait.
  int descriptor() const { return descriptor_; }

 private:
  bool is_stalled() const;

  mutable std::mutex mutex_;
  std::deque<Delivery> waiting_;
  std::unordered_map<std::uint64_t, Stage> stages_;
  std::size_t most_;
  std::size_t bytes_ = 0;
  int descriptor_;
  /// Since when requests have come and none was taken; those withdrawn count as well.
  std::optional<std::chrono::steady_clock::time_point> untaken_since_;
};

}  // namespace weir::http_recv
