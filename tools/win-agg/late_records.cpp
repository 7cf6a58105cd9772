#include "late_records.hpp"

#include "record/json_text.hpp"
#include "time/duration.hpp"

namespace weir::win_agg {

LateRecords::LateRecords(const Settings& settings)
    : dropped_path_(settings.late),
      taken_path_(settings.late_copy),
      late_by_(fields_.add("late_by")),
      parser_(std::make_unique<RecordParser>(fields_)) {}

void LateRecords::drop(const Record& record, Duration late_by, Output& out) {
  ++dropped_;
  if (!dropped_path_.empty()) write(record, late_by, out.side(0));
}

void LateRecords::take(const Record& record, Duration late_by, Output& out) {
  ++taken_;
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
