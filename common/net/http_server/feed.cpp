#include "net/http_server/feed.hpp"

#include <algorithm>

namespace weir::web {

bool RateLimiter::allow(const std::string& caller, double now_s) {
  auto found = places_.find(caller);
  if (found == places_.end()) {
    if (buckets_.size() >= most_) {
      places_.erase(buckets_.front().caller);
      buckets_.pop_front();
    }
    buckets_.push_back({caller, at_once_, now_s});
    found = places_.emplace(caller, std::prev(buckets_.end())).first;
  } else {
    buckets_.splice(buckets_.end(), buckets_, found->second);
  }
  Bucket& bucket = *found->second;
  bucket.left = std::min(at_once_, bucket.left + (now_s - bucket.at_s) * per_second_);
  bucket.at_s = now_s;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace weir::web
