#include "gather.hpp"

#include <algorithm>

#include "time/saturating.hpp"

namespace weir::ml_call {

Gather::Taken Gather::take(Time time, std::string_view key, std::size_t input, std::string_view token) {
  const Duration since = time.time_since_epoch();
  const Duration into = (since % every_ + every_) % every_;
  const Time end = time - into + every_;
  if (end <= now(key)) return Taken::late;
  const auto known = open_.find({end, std::string(key)});
  if (known == open_.end()) {
    const bool is_new = clock_ == Clock::key && !own_.contains(key);
    if (open_.size() >= most_ || (is_new && own_.size() >= most_)) return Taken::no_room;
    if (clock_ == Clock::key) {
      std::vector<Time>& ends = own_[std::string(key)].ends;
      ends.insert(std::upper_bound(ends.begin(), ends.end(), end), end);
    }
  }
  auto& cells = known != open_.end() ? known->second : open_[{end, std::string(key)}];
  cells.resize(inputs_);
  Cell& cell = cells[input];
  if (!cell.token.empty() && time < cell.time) return Taken::yes;
  cell.time = time;
  cell.token = token;
  return Taken::yes;
}

void Gather::observe(Time time, std::string_view key) {
  if (clock_ == Clock::stream) {
    watermark_.observe(time);
    return;
  }
  observed_ = key;
  if (const auto own = own_.find(key); own != own_.end()) own->second.greatest = std::max(own->second.greatest, time);
}

Time Gather::now(std::string_view key) const {
  if (clock_ == Clock::stream) return watermark_.now();
  const auto own = own_.find(key);
  if (own == own_.end() || own->second.greatest == Time::min()) return watermark_.now();
  return std::max(watermark_.now(), saturating_subtract(own->second.greatest, lateness_));
}

std::optional<Gather::Closed> Gather::next(bool all) {
  auto first = open_.begin();
  if (first == open_.end()) return std::nullopt;
  if (!all && first->first.first > watermark_.now()) {
    const auto own = own_.find(observed_);
    if (own == own_.end() || own->second.ends.empty() || own->second.ends.front() > now(observed_)) return std::nullopt;
    first = open_.find({own->second.ends.front(), observed_});
  }
  Closed closed{first->first.first, first->first.second, {}};
  for (Cell& cell : first->second) closed.values.push_back(std::move(cell.token));
  if (const auto own = own_.find(first->first.second); own != own_.end()) own->second.ends.erase(own->second.ends.begin());
  open_.erase(first);
  return closed;
}

}  // namespace weir::ml_call
