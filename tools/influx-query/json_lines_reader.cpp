#include "json_lines_reader.hpp"

#include <fmt/format.h>

#include "influx/answer.hpp"
#include "record/trimmed.hpp"

namespace weir::influx_query {
namespace {

/// Names that are kept; a table has fewer columns.
constexpr std::size_t most_keys = 10'000;

}  // namespace

void JsonLinesReader::feed(std::string_view bytes) {
  answer_.feed(bytes, [this](std::string_view line) { read_line(line); });
}

void JsonLinesReader::finish() {
  answer_.finish([this](std::string_view line) { read_line(line); });
}

const std::string& JsonLinesReader::key_of(std::string_view name) {
  if (const auto found = keys_.find(name); found != keys_.end()) return found->second;
  if (keys_.size() >= most_keys) keys_.clear();
  return keys_.emplace(name, ColumnNames().key(name)).first->second;
}

void JsonLinesReader::read_line(std::string_view line) {
  line = trimmed(line);
  ++lines_;
  if (line.empty()) return;
  const Record* record = parser_.parse_copy(line, lines_);
  if (record == nullptr)
    throw AnswerError(fmt::format("line {} of the answer is {}: {}", lines_, parser_.reason(), influx::text_of(line)));
  const auto members = record->members();
  if (members.size() == 1 && members[0].key == "error" && rows() == 0)
    throw AnswerError("the server reports: " + influx::text_of(line));
  writer_.begin();
  for (const Member& member : members) {
    if (member.key == "time" && member.value.kind == Kind::string) {
      const auto time = times_.parse(member.value.text);
      if (time)
        writer_.time(*time);
      else
        writer_.wrong_time(member.value.text);
    } else if (member.key == "iox::measurement" && member.value.kind == Kind::string) {
      writer_.measurement(member.value.raw);
    } else {
      writer_.member(key_of(member.key), member.value.raw);
    }
  }
  writer_.end();
}

}  // namespace weir::influx_query
