#include "record/source_time_field.hpp"

#include <fmt/format.h>

#include <chrono>

#include "time/duration.hpp"
#include "time/saturating.hpp"
#include "time/timestamp.hpp"

namespace weir {
namespace {

constexpr std::string_view usual_field = "timestamp";
constexpr Time clocks_are_set_since{std::chrono::sys_days(std::chrono::year(2025) / 1 / 1)};

}  // namespace

SourceTimeField::SourceTimeField(const SourceTimeFieldSettings& settings, FieldSet& fields)
    : normalises_(!settings.fields.empty()),
      paths_(settings.fields),
      max_future_(settings.max_future),
      time_(settings.time, order_) {
  if (!normalises_) paths_.emplace_back(usual_field);
  for (const std::string& path : paths_) ids_.push_back(fields.add(path));
}

/// Joins the values into written_. Returns the reason when one of them is not a part of a time.
std::optional<std::string> SourceTimeField::join(const Record& record) {
  written_.clear();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const Value& value = record[ids_[i]];
    if (value.kind == Kind::missing) return fmt::format("no usable time: {} is missing", paths_[i]);
    if (value.kind == Kind::null) return fmt::format("no usable time: {} is null", paths_[i]);
    if (value.kind != Kind::string && value.kind != Kind::number)
      return fmt::format("no usable time: {} is neither a string nor a number", paths_[i]);
    if (i > 0) written_ += ' ';
    written_ += value.text;
  }
  return std::nullopt;
}

Verdict SourceTimeField::read(const Record& record, Time now) {
  const bool compares = max_future_ && now >= clocks_are_set_since;
  if (!normalises_ && !compares) return Verdict::ok();
  if (auto reason = join(record)) return normalises_ ? Verdict::reject(std::move(*reason)) : Verdict::ok();
  const auto time = time_.read(written_);
  if (!time) {
    if (!normalises_) return Verdict::ok();
    return Verdict::reject(fmt::format("no usable time: {} {}", paths_.front(), time_.problem(written_)));
  }
  if (compares && *time > saturating_add(now, *max_future_))
    return Verdict::reject(
        fmt::format("{} {} is {} ahead of this machine's clock (--max-future)", paths_.front(), format_time(*time),
                    format_duration(std::chrono::floor<std::chrono::minutes>(saturating_distance(now, *time)))));
  if (!normalises_) return Verdict::ok();
  token_ = '"';
  append_time(token_, *time);
  token_ += '"';
  return Verdict::ok();
}

}  // namespace weir
