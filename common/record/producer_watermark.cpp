#include "record/producer_watermark.hpp"

#include "record/control.hpp"
#include "record/control_key.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"

namespace weir {
namespace {

struct Reader {
  FieldSet fields;
  FieldId type = fields.add(control_key);
  FieldId time = fields.add("time");
  FieldId from = fields.add("from");
  FieldId end = fields.add("end");
  RecordParser parser{fields, Checking::every_token};
};

}  // namespace

bool may_be_watermark(std::string_view payload) { return is_control_line(payload); }

void append_producer_watermark(std::string& out, const ProducerWatermark& watermark) {
  ObjectWriter writer(out);
  writer.string(control_key, "watermark");
  if (watermark.time == Time::min())
    writer.null("time");
  else
    writer.time("time", watermark.time);
  writer.string("from", watermark.from);
  if (watermark.ended) writer.boolean("end", true);
  writer.end();
  out.pop_back();  // the end of the line
}

std::optional<ProducerWatermark> parse_producer_watermark(std::string_view payload) {
  static thread_local Reader reader;
  const Record* const record = reader.parser.parse_copy(payload, 0);
  if (record == nullptr || (*record)[reader.type].text != "watermark") return std::nullopt;
  const Value& time = (*record)[reader.time];
  const Value& from = (*record)[reader.from];
  if (from.kind != Kind::string || from.text.empty()) return std::nullopt;
  ProducerWatermark watermark{std::string(from.text), Time::min(), (*record)[reader.end].is_true()};
  if (time.kind == Kind::null) return watermark;
  const auto at = time.kind == Kind::string ? TimeParser().parse(time.text) : std::nullopt;
  if (!at) return std::nullopt;
  watermark.time = *at;
  return watermark;
}

}  // namespace weir
