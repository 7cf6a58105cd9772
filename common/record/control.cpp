#include "record/control.hpp"

#include <charconv>

#include "record/control_key.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"

namespace weir {
namespace {

/// The fields that control lines have.
struct Reader {
  FieldSet fields;
  FieldId type = fields.add(control_key);
  FieldId time = fields.add("time");
  FieldId version = fields.add("v");
  FieldId pipe = fields.add("pipe");
  FieldId run = fields.add("run");
  FieldId epoch = fields.add("epoch");
  FieldId final = fields.add("final");
  FieldId took = fields.add("took");
  RecordParser parser{fields, Checking::every_token};
};

bool is_run(const Value& value) {
  return value.kind == Kind::string && value.text.size() == 32 &&
         value.text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::uint64_t> whole_number(const Value& value) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(value.raw.data(), value.raw.data() + value.raw.size(), number);
  constexpr std::uint64_t limit = std::uint64_t{1} << 53U;
  if (value.kind != Kind::number || result.ec != std::errc{} || result.ptr != value.raw.data() + value.raw.size() ||
      number >= limit)
    return std::nullopt;
  return number;
}

}  // namespace

std::optional<Control> parse_control(std::string_view line) {
  static thread_local Reader reader;
  const Record* record = reader.parser.parse_copy(line, 0);
  if (record == nullptr || (*record)[reader.type].kind != Kind::string) return std::nullopt;
  const std::string_view type = (*record)[reader.type].text;
  Control control;
  if (type == "watermark") {
    const Value& time = (*record)[reader.time];
    const std::optional<Time> at = time.kind == Kind::string ? TimeParser().parse(time.text) : std::nullopt;
    if (!at) return std::nullopt;
    control.type = Control::Type::watermark;
    control.time = *at;
  } else if (type == "begin" || type == "restore") {
    if (!is_run((*record)[reader.run])) return std::nullopt;
    control.run = (*record)[reader.run].text;
    const bool begins = type == "begin";
    const auto number = whole_number((*record)[begins ? reader.version : reader.epoch]);
    if (!number || (begins && *number != 1)) return std::nullopt;
    control.type = begins ? Control::Type::begin : Control::Type::restore;
    if (begins) control.pipe = (*record)[reader.pipe].text;
    if (!begins) control.epoch = *number;
  } else if (type == "barrier") {
    const auto epoch = whole_number((*record)[reader.epoch]);
    const Value& final = (*record)[reader.final];
    const Value& took = (*record)[reader.took];
    const auto milliseconds = took.kind == Kind::missing ? 0 : whole_number(took);
    if (!epoch || !milliseconds || (final.kind != Kind::missing && final.kind != Kind::boolean)) return std::nullopt;
    control.type = Control::Type::barrier;
    control.epoch = *epoch;
    control.final = final.raw == "true";
    control.took = std::chrono::milliseconds(*milliseconds);
  } else if (type == "end") {
    control.type = Control::Type::end;
  }
  return control;
}

void append_watermark(std::string& out, Time time) {
  ObjectWriter(out).string(control_key, "watermark").time("time", time).end();
}

void append_begin(std::string& out, std::string_view pipe, std::string_view run) {
  ObjectWriter(out).string(control_key, "begin").integer("v", 1).string("pipe", pipe).string("run", run).end();
}

void append_restore(std::string& out, std::string_view run, std::uint64_t epoch) {
  ObjectWriter(out)
      .string(control_key, "restore")
      .string("run", run)
      .integer("epoch", static_cast<std::int64_t>(epoch))
      .end();
}

void append_barrier(std::string& out, std::uint64_t epoch, Barrier kind, std::chrono::milliseconds took) {
  ObjectWriter writer(out);
  writer.string(control_key, "barrier").integer("epoch", static_cast<std::int64_t>(epoch));
  if (took.count() > 0) writer.integer("took", took.count());
  if (kind == Barrier::final) writer.boolean("final", true);
  writer.end();
}

void append_end(std::string& out) { ObjectWriter(out).string(control_key, "end").end(); }

}  // namespace weir
