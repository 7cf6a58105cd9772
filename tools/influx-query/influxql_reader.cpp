#include "influxql_reader.hpp"

#include <fmt/format.h>

#include "influx/answer.hpp"
#include "record/json_text.hpp"
#include "record/trimmed.hpp"

namespace weir::influx_query {

void InfluxqlReader::feed(std::string_view bytes) {
  chunks_.feed(bytes, [this](std::string_view chunk) { read_chunk(chunk); });
}

void InfluxqlReader::finish() {
  chunks_.finish([this](std::string_view chunk) { read_chunk(chunk); });
  if (!has_results_) throw AnswerError("the answer is empty: is it from InfluxDB?");
  if (partial_) throw AnswerError("the answer ends in the middle: its last chunk says that more follow");
}

void InfluxqlReader::read_chunk(std::string_view text) {
  if (trimmed(text).empty()) return;
  partial_ = false;
  walk_.begin(text);
  if (!walk_.at_object()) throw AnswerError("the answer is not that of InfluxQL: " + influx::text_of(text));
  walk_.object([&](std::string_view name) {
    if (name == "error") return report();
    if (name != "results" || !walk_.at_array()) return walk_.skip();
    has_results_ = true;
    walk_.array([&] { read_result(); });
  });
  walk_.end();
  if (!has_results_) throw AnswerError("the answer is not that of InfluxQL: " + influx::text_of(text));
}

void InfluxqlReader::report() {
  const Value value = walk_.scalar();
  throw AnswerError("the server reports: " + influx::text_of(value.text));
}

void InfluxqlReader::read_result() {
  walk_.object([&](std::string_view name) {
    if (name == "error") return report();
    if (name == "partial") {
      partial_ = walk_.scalar().is_true() || partial_;
      return;
    }
    if (name != "series" || !walk_.at_array()) return walk_.skip();
    walk_.array([&] { read_series(); });
  });
}

/// The name, tags and columns of a series stand before its values.
void InfluxqlReader::read_series() {
  name_.clear();
  tags_.clear();
  columns_.clear();
  ColumnNames names;
  walk_.object([&](std::string_view name) {
    if (name == "name") {
      append_json_string(name_, walk_.scalar().text);
    } else if (name == "tags" && walk_.at_object()) {
      walk_.object([&](std::string_view tag) {
        auto& added = tags_.emplace_back(names.key(tag), std::string());
        append_json_string(added.second, walk_.scalar().text);
      });
    } else if (name == "columns" && walk_.at_array()) {
      walk_.array([&] {
        const Value column = walk_.scalar();
        const bool is_time = columns_.empty() && column.text == "time";
        columns_.push_back({is_time, is_time ? std::string() : names.key(column.text)});
      });
    } else if (name == "values" && walk_.at_array()) {
      walk_.array([&] { read_row(); });
    } else {
      walk_.skip();
    }
  });
}

void InfluxqlReader::read_row() {
  writer_.begin();
  if (!name_.empty()) writer_.measurement(name_);
  for (const auto& [key, token] : tags_)
    if (token != "\"\"") writer_.member(key, token);  // a group without this tag
  std::size_t at = 0;
  walk_.array([&] {
    if (at == columns_.size()) throw AnswerError("a row of the answer has more values than there are columns");
    const Column& column = columns_[at++];
    const Value value = walk_.scalar();
    if (column.is_time) return read_time(value);
    writer_.member(column.key, value.raw);
  });
  if (at != columns_.size()) throw AnswerError("a row of the answer has fewer values than there are columns");
  writer_.end();
}

void InfluxqlReader::read_time(const Value& value) {
  if (value.kind == Kind::null) return;
  const bool is_number = value.kind == Kind::number;
  const auto read = is_number ? numbers_.parse_epoch(value.text) : numbers_.parse(value.text);
  if (read)
    writer_.time(*read);
  else
    writer_.wrong_time(value.text);
}

}  // namespace weir::influx_query
