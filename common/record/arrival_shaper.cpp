#include "record/arrival_shaper.hpp"

#include <algorithm>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/member_path.hpp"
#include "time/timestamp.hpp"

namespace weir {

ArrivalShaper::ArrivalShaper(const ArrivalSettings& settings, FieldSet& fields)
    : control_key_(fields), time_(settings.time, fields) {
  std::vector<std::string> names = settings.texts;
  if (!settings.stamp.empty()) names.push_back(settings.stamp);
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    throw std::invalid_argument("two of the added fields are named '" + *twice + "'");
  if (std::binary_search(names.begin(), names.end(), control_key))
    throw std::invalid_argument("the name @ctl is kept for control lines");
  for (const std::string& name : settings.texts) texts_.push_back({name, fields.add(member_path(name))});
  if (!settings.stamp.empty()) stamp_ = Named{settings.stamp, fields.add(member_path(settings.stamp))};
}

Verdict ArrivalShaper::write(const Record& record, std::span<const std::optional<std::string_view>> texts,
                             Time received, std::string& out) {
  if (Verdict verdict = control_key_.check(record); verdict.rejected()) return verdict;
  const bool stamped = stamp_ && !record[stamp_->id].present();
  // The time of receipt needs no look where it takes the place of a missing one.
  const bool has_time = !(stamped && stamp_->id == time_.field());
  if (has_time)
    if (Verdict verdict = time_.read(record, received); verdict.rejected()) return verdict;
  if (texts_.empty() && !stamped && !time_.normalises()) {
    out += record.line();
    out += '\n';
    return Verdict::ok();
  }
  splicer_.begin(record);
  if (has_time && time_.normalises()) splicer_.set(record[time_.field()], time_.path(), time_.token());
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (!texts[i] || record[texts_[i].id].present()) continue;
    token_.clear();
    append_json_string(token_, *texts[i]);
    splicer_.set(record[texts_[i].id], texts_[i].name, token_);
  }
  if (stamped) {
    token_ = '"';
    append_time(token_, received);
    token_ += '"';
    splicer_.set(record[stamp_->id], stamp_->name, token_);
  }
  splicer_.write(out);
  return Verdict::ok();
}

}  // namespace weir
