// links: stage_influx-load weir_influx weir_record
// Records that anybody may send, as points: rejected, or one point that reads back with the record's tags and fields,
// whatever they hold. So no value can become a tag, a field or a point of its own.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz_expect.hpp"
#include "influx/line_reader.hpp"
#include "point_maker.hpp"
#include "record/parser.hpp"

using namespace weir;

namespace {

/// A value as the record has it is that of the point that was read back.
void expect_same(const Value& sent, const Value& found) {
  if (!sent.present()) return expect(!found.present());
  expect(found.text == sent.text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  influx_load::Mapping mapping;
  mapping.measurement = "m{kind:-x}";
  mapping.tags = {"tag=t", "other=o:-none", "perhaps=p:-"};
  mapping.fields = {"text=s:string", "any=a", "whole=i:int"};
  FieldSet fields;
  influx_load::PointMaker maker(mapping, fields);
  const FieldId t = fields.add("t"), s = fields.add("s"), a = fields.add("a"), i = fields.add("i"), p = fields.add("p");
  RecordParser parser(fields);
  FieldSet back;
  const FieldId tag = back.add("tag"), other = back.add("other"), text = back.add("text"), any = back.add("any"),
                whole = back.add("whole"), perhaps = back.add("perhaps");
  RecordParser back_parser(back, Checking::every_token);

  std::string line(reinterpret_cast<const char*>(data), size);
  for (char& c : line)
    if (c == '\n') c = ' ';
  const Record* const record = parser.parse_copy(line, 1);
  std::string point;
  if (record == nullptr || maker.make(*record, point).rejected()) return 0;
  expect(influx::LineReader::length_of_first(point) == point.size());
  influx::LineReader reader;
  std::string json;
  expect(reader.read(point, influx::Precision{}, Time(), json));
  const Record* const read = back_parser.parse_copy(json, 1);
  expect(read != nullptr);
  expect((*read)[tag].text == (*record)[t].text && (*read)[other].present());
  expect((*read)[perhaps].present() == ((*record)[p].present() && !(*record)[p].text.empty()));
  if ((*read)[perhaps].present()) expect((*read)[perhaps].text == (*record)[p].text);
  expect_same((*record)[s], (*read)[text]);
  expect_same((*record)[i], (*read)[whole]);
  if ((*record)[a].kind != Kind::number) expect_same((*record)[a], (*read)[any]);
  return 0;
}
