#include "mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace weir::http_recv {
namespace {

/// A request that nobody has taken for so long means that the pipe stands.
constexpr std::chrono::seconds longest_wait{10};

std::size_t cost(const Delivery& delivery) { return sizeof(Delivery) + 512 + delivery.request.body.size(); }

}  // namespace

Mailbox::Mailbox(std::size_t most) : most_(most), descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Mailbox::~Mailbox() { ::close(descriptor_); }

bool Mailbox::is_stalled() const {
  return untaken_since_ && std::chrono::steady_clock::now() - *untaken_since_ > longest_wait;
}

bool Mailbox::stalled() const {
  const std::lock_guard lock(mutex_);
  return is_stalled();
}

bool Mailbox::put(Delivery delivery) {
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
    if (::write(descriptor_, &one, sizeof one) < 0 && errno != EAGAIN)
      throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  return true;
}

std::optional<Delivery> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  std::optional<Delivery> taken;
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
    if (::read(descriptor_, &count, sizeof count) < 0 && errno != EAGAIN)
      throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  return taken;
}

std::optional<Mailbox::Stage> Mailbox::withdraw(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  const auto stage = stages_.find(ticket);
  if (stage == stages_.end()) return std::nullopt;
  if (stage->second != Stage::waiting) return stage->second;
  stages_.erase(stage);
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Delivery& delivery) { return delivery.ticket == ticket; });
  if (found != waiting_.end()) {
    bytes_ -= cost(*found);
    waiting_.erase(found);
  }
  return Stage::waiting;
}

void Mailbox::note_stored(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  if (const auto stage = stages_.find(ticket); stage != stages_.end()) stage->second = Stage::stored;
}

void Mailbox::note_answered(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  stages_.erase(ticket);
}

}  // namespace weir::http_recv
