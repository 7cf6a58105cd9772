#include "record/source_time_field.hpp"

#include <fmt/format.h>

#include <set>

#include "record/field_watch.hpp"
#include "record/time_field.hpp"
#include "time/timestamp.hpp"

namespace weir {

SourceTimeField::SourceTimeField(const SourceTimeFieldSettings& settings, FieldSet& fields)
    : normalises_(!settings.fields.empty()),
      paths_(settings.fields),
      max_future_(settings.max_future),
      reads_always_(settings.reads_always),
      time_(settings.time, order_) {
  if (!normalises_) paths_.assign(usual_time_fields.begin(), usual_time_fields.end());
  for (const std::string& path : paths_) ids_.push_back(fields.add(path));
}

/// Joins the values into written_. Returns the reason when one of them is not a part of a time.
std::optional<std::string> SourceTimeField::join(const Record& record) {
  written_.clear();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const Value& value = record[ids_[i]];
    if (value.kind == Kind::missing) {
      std::set<std::string> names;
      gather_names(record.line(), names);
      const std::string_view nearest = nearest_name(paths_[i], names);
      return fmt::format("no usable time: {} is missing{}", paths_[i],
                         nearest.empty() ? "" : fmt::format("; the nearest is '{}'", nearest));
    }
    if (value.kind == Kind::null) return fmt::format("no usable time: {} is null", paths_[i]);
    if (value.kind != Kind::string && value.kind != Kind::number)
      return fmt::format("no usable time: {} is neither a string nor a number", paths_[i]);
    if (i > 0) written_ += ' ';
    written_ += value.text;
  }
  return std::nullopt;
}

/// Compares the first of the usual fields that the record has, where it can be read.
Verdict SourceTimeField::compare(const Record& record, Time now) {
  std::size_t which = 0;
  while (which + 1 < ids_.size() && record[ids_[which]].kind == Kind::missing) ++which;
  const Value& value = record[ids_[which]];
  if (value.kind != Kind::string && value.kind != Kind::number) return Verdict::ok();
  last_ = time_.read(value.text);
  if (!last_) return Verdict::ok();
  const std::string problem = ahead_of_clock(*last_, now, max_future_);
  return problem.empty() ? Verdict::ok() : Verdict::reject(paths_[which] + ' ' + problem);
}

Verdict SourceTimeField::read(const Record& record, Time now) {
  last_.reset();
  if (!normalises_) return max_future_ || reads_always_ ? compare(record, now) : Verdict::ok();
  if (auto reason = join(record)) return Verdict::reject(std::move(*reason));
  const auto time = time_.read(written_);
  if (!time) return Verdict::reject(fmt::format("no usable time: {} {}", paths_.front(), time_.problem(written_)));
  if (const std::string problem = ahead_of_clock(*time, now, max_future_); !problem.empty())
    return Verdict::reject(paths_.front() + ' ' + problem);
  last_ = time;
  token_ = '"';
  append_time(token_, *time);
  token_ += '"';
  return Verdict::ok();
}

}  // namespace weir
