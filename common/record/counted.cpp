#include "record/counted.hpp"

#include <utility>

namespace weir {

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count).append(" ").append(noun).append(count == 1 ? "" : "s");
}

CountReport& CountReport::add(std::uint64_t count, std::string_view noun, std::string what, Weight weight) {
  counts_.push_back({count, noun, std::move(what), weight, false});
  return *this;
}

CountReport& CountReport::add_late(std::uint64_t count, std::string_view noun, std::string what,
                                   const LateOption& late) {
  if (late.value.empty())
    add(count, noun, what + "left out (--late FILE keeps them, --late drop does not)", Weight::lost);
  else
    add(count, noun, what + (late.drops() ? "left out (--late drop)" : "written to --late"));
  counts_.back().late = true;
  return *this;
}

CountReport& CountReport::add_late_written(std::uint64_t count, std::string_view noun, std::string what,
                                           const LateOption& late) {
  if (late.value.empty())
    add(count, noun, what + " (--late FILE has them too, --late drop takes it so)", Weight::lost);
  else
    add(count, noun, what + (late.drops() ? " (--late drop)" : ", and to --late too"));
  counts_.back().late = true;
  return *this;
}

CountReport& CountReport::remark(std::string text) {
  remark_ = std::move(text);
  return *this;
}

std::string CountReport::text() const {
  std::string text;
  for (const Count& each : counts_) append(text, each);
  if (!remark_.empty()) text.append(text.empty() ? "" : "; ").append(remark_);
  return text;
}

std::string CountReport::news_since(const CountReport& before) const {
  std::string text;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i].weight != Weight::work && counts_[i].count > before.count(i)) append(text, counts_[i]);
  return text;
}

CountReport CountReport::since(const CountReport& before) const {
  CountReport rest = *this;
  for (std::size_t i = 0; i < counts_.size(); ++i) rest.counts_[i].count -= before.count(i);
  return rest;
}

std::uint64_t CountReport::late() const {
  std::uint64_t late = 0;
  for (const Count& each : counts_)
    if (each.late) late += each.count;
  return late;
}

std::uint64_t CountReport::lost_since(const CountReport& before) const {
  std::uint64_t lost = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i].weight == Weight::lost) lost += counts_[i].count - before.count(i);
  return lost;
}

void CountReport::append(std::string& text, const Count& each) {
  if (each.count == 0) return;
  if (!text.empty()) text += "; ";
  text += counted(each.count, each.noun).append(" ").append(each.what);
}

}  // namespace weir
