#include "row_writer.hpp"

#include <fmt/format.h>

#include "record/json_text.hpp"
#include "record/value_checks.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {

std::string ColumnNames::key(std::string_view name) {
  if (!is_utf8(name)) throw AnswerError("a column's name is not UTF-8");
  std::string free(name);
  for (int number = 1; !taken_.insert(free).second; ++number) free = fmt::format("{}_{}", name, number);
  std::string made;
  append_json_string(made, free);
  return made += ':';
}

void RowWriter::begin() {
  time_.reset();
  measurement_.clear();
  members_.clear();
  wrong_.clear();
}

void RowWriter::wrong_time(std::string_view text) {
  if (!wrong_.empty()) return;
  wrong_ = "the row has the time ";
  append_json_string(wrong_, is_utf8(text) ? shortened(text) : "?");
  wrong_ += ", which is none of the years 1678 to 2261";
}

void RowWriter::member(std::string_view key, std::string_view token) {
  if (token == "null") return;
  members_ += ',';
  members_ += key;
  members_ += token;
}

void RowWriter::end() {
  line_ = '{';
  if (time_) {
    line_ += "\"timestamp\":\"";
    append_time(line_, *time_);
    line_ += "\",";
  }
  if (!measurement_.empty()) (line_ += "\"measurement\":") += measurement_;
  std::string_view rest = members_;
  if (line_.back() == '{' || line_.back() == ',') rest.remove_prefix(rest.empty() ? 0 : 1);
  if (rest.empty() && line_.back() == ',') line_.pop_back();
  (line_ += rest) += '}';
  ++rows_;
  on_row_({line_, time_, wrong_});
}

}  // namespace weir::influx_query
