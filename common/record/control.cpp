#include "record/control.hpp"

#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"

namespace weir {

std::optional<Control> parse_control(std::string_view line) {
  FieldSet fields;
  const FieldId word = fields.add("@ctl");
  const FieldId time = fields.add("time");
  RecordParser parser(fields, Checking::every_token);
  const Record* record = parser.parse_copy(line, 0);
  if (record == nullptr || (*record)[word].kind != Kind::string) return std::nullopt;
  if ((*record)[word].text != "watermark") return Control{};
  const std::optional<Time> at = TimeParser().parse((*record)[time].text);
  if (!at) return std::nullopt;
  return Control{Control::Word::watermark, *at};
}

void append_watermark(std::string& out, Time time) {
  ObjectWriter(out).string("@ctl", "watermark").time("time", time).end();
}

}  // namespace weir
