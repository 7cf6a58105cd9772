// When a consumer's library is to be told that its queue has room again.
#pragma once
#include <cstddef>

namespace weir::kafka {

/// Follows how full the library's queue is. Its threads ask for no more messages once they find it full, and look only
/// about once a second whether it has room.
class QueueRoom {
 public:
  /// With `full` messages the library takes the queue for full.
  explicit QueueRoom(std::size_t full) : full_(full) {}

  /// Messages were taken, and `left` are still there. Returns whether the library is to be woken.
  bool took(std::size_t taken, std::size_t left) {
    // Since the call before, the queue has only grown: where the library has found it full, it was so before this one.
    if (left + taken >= full_) {
      was_full_ = true;
    } else if (was_full_ && left < full_ / 2) {
      was_full_ = false;
      return true;
    }
    return false;
  }

 private:
  std::size_t full_;
  bool was_full_ = false;
};

}  // namespace weir::kafka
