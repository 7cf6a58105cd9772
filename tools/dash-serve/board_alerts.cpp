// The alerts of the board: which are kept, and which still fire.
#include <fmt/format.h>

#include <algorithm>

#include "board.hpp"

namespace weir::dash_serve {
namespace {

/// The most counts of levels and parameters; further ones count as `other`.
constexpr std::size_t most_alert_counts = 200;
/// Firing alerts kept: of all keys, and of one key, so that no key takes the room of the others.
constexpr std::size_t most_firing = 1000;
constexpr std::size_t most_firing_of_key = 100;
constexpr std::size_t longest_alert_kept = 16 << 10;
/// Alerts and firing alerts take this part of the memory each.
constexpr std::size_t part_for_alerts = 16;
/// The approximate memory of an entry of a map.
constexpr std::size_t entry_bytes = 128;

}  // namespace

/// The page and the metrics show rule and level as text.
Verdict Board::check_alert() const {
  for (const FieldId field : {rule_, level_})
    if (const Kind kind = (*slow_)[field].kind; kind == Kind::object || kind == Kind::array)
      return Verdict::reject(fmt::format("{} of an alert is not a text", alert_fields_.path(field)));
  return Verdict::ok();
}

/// Whether one more firing alert may be kept.
bool Board::fits(const std::string& rule, std::string_view line) const {
  if (firing_.size() >= most_firing) return false;
  if (firing_bytes_ + rule.size() + line.size() + entry_bytes > settings_.max_bytes / part_for_alerts) return false;
  const std::string_view key = std::string_view(rule).substr(0, rule.find('\n') + 1);
  std::size_t of_key = 0;
  for (auto at = firing_.lower_bound(key); at != firing_.end() && at->first.starts_with(key); ++at) ++of_key;
  return of_key < most_firing_of_key;
}

void Board::count_alert() {
  const Record& record = *slow_;
  const Value& parameter = record[parameter_].present() ? record[parameter_] : record[rule_];
  const auto same = std::find_if(alert_counts_.begin(), alert_counts_.end(), [&](const AlertCount& each) {
    return each.level == record[level_].text && each.parameter == parameter.text;
  });
  if (same != alert_counts_.end())
    ++same->count;
  else if (alert_counts_.size() < most_alert_counts - 1)
    alert_counts_.push_back({std::string(record[level_].text), std::string(parameter.text), 1});
  else if (alert_counts_.size() == most_alert_counts - 1)
    alert_counts_.push_back({"other", "other", 1});
  else
    ++alert_counts_.back().count;
}

void Board::take_alert(std::string_view key, std::string_view line) {
  if (fires_) count_alert();
  if (line.size() > longest_alert_kept) return;
  std::string rule(key);
  rule += '\n';
  rule += (*slow_)[rule_].raw;
  if (const auto before = firing_.find(rule); before != firing_.end()) {
    firing_bytes_ -= before->first.size() + before->second.line.size() + entry_bytes;
    firing_.erase(before);
  }
  if (fires_ && fits(rule, line)) {
    firing_bytes_ += rule.size() + line.size() + entry_bytes;
    firing_.emplace(std::move(rule), Firing{std::string(line), alerts_taken_});
  }
  alerts_.push(line, settings_.alerts);
  ++alerts_taken_;
  while (alerts_.bytes() > settings_.max_bytes / part_for_alerts && alerts_.size() > 1) alerts_.drop_oldest();
  while (bytes() > settings_.max_bytes && keys_.size() > 1) forget_quietest();
}

std::vector<std::string_view> Board::alerts(std::size_t most) const {
  std::vector<std::string_view> lines;
  std::size_t size = 0;
  const auto add = [&](std::string_view line) {
    if (size + line.size() > most) return false;
    size += line.size();
    lines.push_back(line);
    return true;
  };
  std::size_t first = alerts_.size();
  while (first > 0 && add(alerts_[first - 1])) --first;
  const std::uint64_t listed = alerts_taken_ - (alerts_.size() - first);
  std::vector<const Firing*> older;
  for (const auto& [rule, each] : firing_)
    if (each.number < listed) older.push_back(&each);
  std::sort(older.begin(), older.end(), [](const Firing* a, const Firing* b) { return a->number > b->number; });
  size = 0;
  for (const Firing* each : older)
    if (!add(each->line)) break;
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace weir::dash_serve
