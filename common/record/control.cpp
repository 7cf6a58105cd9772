#include "record/control.hpp"

#include <charconv>

#include "record/control_reader.hpp"
#include "record/object_writer.hpp"

namespace weir {
namespace {

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
  ControlReader& reader = ControlReader::of_thread();
  if (!reader.read(line)) return std::nullopt;
  const std::string_view type = reader[reader.type].text;
  Control control;
  if (type == "watermark") {
    const std::optional<Time> at = reader.time_value();
    if (!at) return std::nullopt;
    control.type = Control::Type::watermark;
    control.time = *at;
  } else if (type == "begin" || type == "restore") {
    if (!is_run(reader[reader.run])) return std::nullopt;
    control.run = reader[reader.run].text;
    const bool begins = type == "begin";
    const auto number = whole_number(reader[begins ? reader.version : reader.epoch]);
    if (!number || (begins && *number != 1)) return std::nullopt;
    control.type = begins ? Control::Type::begin : Control::Type::restore;
    if (begins) control.pipe = reader[reader.pipe].text;
    if (!begins) control.epoch = *number;
  } else if (type == "barrier") {
    const auto epoch = whole_number(reader[reader.epoch]);
    const Value& final = reader[reader.final];
    const Value& took = reader[reader.took];
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
