#include "record/producer_watermark.hpp"

#include "record/control.hpp"
#include "record/control_reader.hpp"
#include "record/object_writer.hpp"

namespace weir {

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
  ControlReader& reader = ControlReader::of_thread();
  if (!reader.read(payload) || reader[reader.type].text != "watermark") return std::nullopt;
  const Value& from = reader[reader.from];
  if (from.kind != Kind::string || from.text.empty()) return std::nullopt;
  ProducerWatermark watermark{std::string(from.text), Time::min(), reader[reader.end].is_true()};
  if (reader[reader.time].kind == Kind::null) return watermark;
  const std::optional<Time> at = reader.time_value();
  if (!at) return std::nullopt;
  watermark.time = *at;
  return watermark;
}

}  // namespace weir
