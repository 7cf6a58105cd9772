// Requests on their way from a server's thread to the run's.
#pragma once
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace weir::requests {

/// A request, and the number under which it is answered. A Request has a `body`.
template <typename Request>
struct Delivery {
  std::uint64_t ticket = 0;
  Request request;
};

/// How far a request has come.
enum class Stage : std::uint8_t {
  waiting,  ///< not taken yet
  taken,    ///< its records are being stored or written
  stored    ///< its records are on the disk; the sink has not committed them
};

/// A bounded queue of requests, and how far each has come. Its functions may be called from any thread.
template <typename Request>
class Mailbox {
 public:
  /// `most` in bytes of bodies. Throws std::system_error.
  explicit Mailbox(std::size_t most) : most_(most), descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) fail();
  }
  ~Mailbox() { ::close(descriptor_); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Adds a request; false where there is no room, or the oldest has waited for too long: the run does not read.
  bool put(Delivery<Request> delivery);
  /// The oldest request that waits.
  std::optional<Delivery<Request>> take();
  /// Removes a request that nobody has taken. Returns how far it had come; nothing where its answer is on its way.
  std::optional<Stage> withdraw(std::uint64_t ticket);

  void note_stored(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    if (const auto stage = stages_.find(ticket); stage != stages_.end()) stage->second = Stage::stored;
  }
  void note_answered(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    stages_.erase(ticket);
  }

  /// Whether requests wait and the run does not take them.
  bool stalled() const {
    const std::lock_guard lock(mutex_);
    return is_stalled();
  }
  /// Readable while requests wait.
  int descriptor() const { return descriptor_; }

 private:
  /// A request that nobody has taken for so long means that the pipe stands.
  static constexpr std::chrono::seconds longest_wait{10};

  static std::size_t cost(const Delivery<Request>& delivery) {
    return sizeof(Delivery<Request>) + 512 + delivery.request.body.size();
  }
  [[noreturn]] static void fail() { throw std::system_error(errno, std::generic_category(), "eventfd"); }
  bool is_stalled() const {
    return untaken_since_ && std::chrono::steady_clock::now() - *untaken_since_ > longest_wait;
  }

  mutable std::mutex mutex_;
  std::deque<Delivery<Request>> waiting_;
  std::unordered_map<std::uint64_t, Stage> stages_;
  std::size_t most_;
  std::size_t bytes_ = 0;
  int descriptor_;
  /// Since when requests have come and none was taken; those withdrawn count as well.
  std::optional<std::chrono::steady_clock::time_point> untaken_since_;
};

template <typename Request>
bool Mailbox<Request>::put(Delivery<Request> delivery) {
  const std::lock_guard lock(mutex_);
  const std::size_t size = cost(delivery);
  // One request may always wait: it shows when the run reads again.
  if (!waiting_.empty() && (is_stalled() || bytes_ + size > most_)) return false;
  if (!untaken_since_) untaken_since_ = std::chrono::steady_clock::now();
  bytes_ += size;
  stages_.emplace(delivery.ticket, Stage::waiting);
  waiting_.push_back(std::move(delivery));
  if (waiting_.size() == 1) {
    const std::uint64_t one = 1;
    if (::write(descriptor_, &one, sizeof one) < 0 && errno != EAGAIN) fail();
  }
  return true;
}

template <typename Request>
std::optional<Delivery<Request>> Mailbox<Request>::take() {
  const std::lock_guard lock(mutex_);
  std::optional<Delivery<Request>> taken;
  if (!waiting_.empty()) {
    taken = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= cost(*taken);
    stages_[taken->ticket] = Stage::taken;
    untaken_since_.reset();
    if (!waiting_.empty()) untaken_since_ = std::chrono::steady_clock::now();
  }
  if (waiting_.empty()) {
    std::uint64_t count = 0;
    if (::read(descriptor_, &count, sizeof count) < 0 && errno != EAGAIN) fail();
  }
  return taken;
}

template <typename Request>
std::optional<Stage> Mailbox<Request>::withdraw(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto stage = stages_.find(ticket);
  if (stage == stages_.end()) return std::nullopt;
  if (stage->second != Stage::waiting) return stage->second;
  stages_.erase(stage);
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Delivery<Request>& delivery) { return delivery.ticket == ticket; });
  if (found != waiting_.end()) {
    bytes_ -= cost(*found);
    waiting_.erase(found);
  }
  return Stage::waiting;
}

}  // namespace weir::requests
