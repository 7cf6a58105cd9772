// The answers of SQL: a JSON object a line.
#pragma once
#include <map>
#include <string>

#include "answer_lines.hpp"
#include "record/parser.hpp"
#include "row_writer.hpp"
#include "time/timestamp.hpp"

namespace weir::influx_query {

/// Reads lines of objects. Text under `time` is the row's time, in UTC where it has no offset; `iox::measurement` is
/// its measurement.
class JsonLinesReader : public AnswerReader {
 public:
  using AnswerReader::AnswerReader;
  void feed(std::string_view bytes) override;
  void finish() override;

 private:
  static FieldSet all_members() {
    FieldSet fields;
    fields.read_members();
    return fields;
  }
  void read_line(std::string_view line);
  const std::string& key_of(std::string_view name);

  RecordParser parser_{all_members(), Checking::every_token};
  TimeParser times_;
  AnswerLines answer_{"line"};
  std::uint64_t lines_ = 0;
  std::map<std::string, std::string, std::less<>> keys_;  ///< of members, by the column's name
};

}  // namespace weir::influx_query
