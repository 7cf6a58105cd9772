#include "answer_cache.hpp"

namespace weir::rec_enrich {

AnswerCache::Entry& AnswerCache::use(std::string_view key, tables::Position at, bool& fresh) {
  if (const auto found = index_.find(key); found != index_.end()) {
    Entry& entry = *found->second;
    entries_.splice(entries_.begin(), entries_, found->second);
    std::int64_t age = 0;
    const bool far = __builtin_sub_overflow(at, entry.asked, &age);
    fresh = keep_ && entry.outcome != Outcome::pending && (far ? at > entry.asked : age > keep_->count());
    if (fresh) {
      entry.outcome = Outcome::pending;
      entry.asked = at;
    }
    return entry;
  }
  // What is under way stays: records wait for it.
  for (auto last = entries_.end(); entries_.size() >= most_ && last != entries_.begin();) {
    --last;
    if (last->outcome == Outcome::pending) continue;
    index_.erase(last->key);
    last = entries_.erase(last);
  }
  fresh = true;
  Entry& entry = entries_.emplace_front();
  entry.key = key;
  entry.asked = at;
  index_.emplace(entry.key, entries_.begin());
  return entry;
}

}  // namespace weir::rec_enrich
