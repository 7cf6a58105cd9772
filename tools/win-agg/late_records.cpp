#include "late_records.hpp"

#include <fmt/format.h>

#include "record/json_text.hpp"
#include "time/duration.hpp"

namespace weir::win_agg {

LateRecords::LateRecords(const Settings& settings)
    : late_(settings.late),
      keeps_(!late_.path().empty()),
      taken_path_(settings.late_copy),
      late_by_(fields_.add("late_by")),
      parser_(std::make_unique<RecordParser>(fields_)) {}

void LateRecords::drop(const Record& record, Duration late_by, Output& out) {
  if (++dropped_ == 1)
    out.messages.push_back({fmt::format("late: its time is {} before the watermark, and its window is closed "
                                        "(--lateness, --allow-late)",
                                        format_duration(late_by)),
                            late_.weight()});
  if (keeps_) write(record, late_by, out.side(0));
}

void LateRecords::take(const Record& record, Duration late_by, Output& out) {
  if (++taken_ == 1)
    out.messages.push_back(
        {fmt::format("late: its time is {} before the watermark; its window takes it again "
                     "(--allow-late)",
                     format_duration(late_by))});
  if (!taken_path_.empty()) write(record, late_by, out.side(1));
}

void LateRecords::write(const Record& record, Duration late_by, std::string& side) {
  std::string token;
  append_json_string(token, format_duration(late_by));
  // Late records alone are parsed twice: they may have a late_by already, from an earlier pass.
  const Record* again = parser_->parse_copy(record.line(), record.line_number());
  splicer_.begin(again == nullptr ? record : *again);
  splicer_.set(again == nullptr ? Value{} : (*again)[late_by_], "late_by", token);
  splicer_.write(side);
}

}  // namespace weir::win_agg
