#include "pipeline/run_report.hpp"

#include <algorithm>

#include "pipeline/rejects.hpp"

namespace weir {

RunReport::RunReport(const RejectOptions& options, Log& log, const std::vector<NamedField>& named,
                     const FieldSet& fields)
    : log_(log),
      watch_(named, fields),
      strict_(options.strict),
      every_(std::chrono::duration_cast<clock::duration>(options.report_every)),
      next_counts_(clock::now() + every_),
      next_(next_counts_) {}

void RunReport::look_for_fields(const Record& record) {
  if (!watch_.has_begun()) {
    next_fields_ = clock::now() + field_limit;
    next_ = std::min(next_counts_, next_fields_);
  }
  watch_.look(record);
  if (!watch_.waits() || !watch_.is_enough()) return;
  const bool missed = watch_.waits_for_field();
  report_fields(" so far");
  watch_.stop();
  if (missed && strict_) throw StrictReject("stopped: an option names a field that no record has (--strict)");
}

/// Reports fields that have not come, and values, once.
void RunReport::report_fields(std::string_view so_far) {
  const std::vector<std::string> messages = watch_.messages(so_far);
  if (!fields_reported_)
    for (const std::string& message : messages) log_.warn(message);
  fields_reported_ = fields_reported_ || !messages.empty();
}

void RunReport::report(const CountReport& counts, std::uint64_t rejected) {
  const clock::time_point now = clock::now();
  if (now >= next_fields_) {
    report_fields(" so far");
    if (!strict_) watch_.stop();
    next_fields_ = clock::time_point::max();
  }
  if (now >= next_counts_) {
    CountReport now_counted = counts.since(begun_);
    std::string news = now_counted.news_since(reported_);
    if (rejected > rejected_) news += std::string(news.empty() ? "" : "; ") + counted(rejected, "record") + " rejected";
    if (!news.empty()) log_.warn("so far " + news);
    reported_ = std::move(now_counted);
    rejected_ = rejected;
    next_counts_ = now + every_;
  }
  next_ = std::min(next_counts_, next_fields_);
}

WaitLimit RunReport::limit(WaitLimit wait) const {
  constexpr WaitLimit least{100};  // a wait within a block is not followed by a report
  const auto left = std::max(std::chrono::ceil<WaitLimit>(next_ - clock::now()), least);
  return wait < WaitLimit::zero() ? left : std::min(wait, left);
}

cli::Exit RunReport::finish(const CountReport& counts) {
  const bool missed = watch_.has_begun() && watch_.waits_for_field();
  report_fields("");
  if (const std::string text = counts.since(begun_).text(); !text.empty()) log_.info(text);
  const bool lost = counts.lost_since(begun_) > 0;
  return lost || (missed && strict_) ? cli::Exit::left_out : cli::Exit::done;
}

}  // namespace weir
