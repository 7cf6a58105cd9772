#include "sparkplug/payload.hpp"

#include <fmt/format.h>

#include <array>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "record/json_text.hpp"
#include "time/timestamp.hpp"

namespace weir::sparkplug {
namespace {

using protozero::pbf_reader;
using Wire = protozero::pbf_wire_type;
using Kind = Metric::Kind;

/// Types of values, by their numbers (Sparkplug 3.0, 6.4.16).
enum Type : std::uint32_t {
  int8 = 1,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  real32,
  real64,
  boolean,
  string,
  date_time,
  text,
  uuid,
  data_set,
  bytes,
  file,
  template_type
};

// A field that comes as another kind of wire type is skipped as one that is not known.
constexpr std::uint32_t number_field(std::uint32_t tag) { return protozero::tag_and_type(tag, Wire::varint); }
constexpr std::uint32_t text_field(std::uint32_t tag) { return protozero::tag_and_type(tag, Wire::length_delimited); }
constexpr std::uint32_t fixed32_field(std::uint32_t tag) { return protozero::tag_and_type(tag, Wire::fixed32); }
constexpr std::uint32_t fixed64_field(std::uint32_t tag) { return protozero::tag_and_type(tag, Wire::fixed64); }

std::string_view view_of(protozero::data_view view) { return {view.data(), view.size()}; }

/// The text of the property engUnit.
std::string_view unit_of(pbf_reader properties) {
  std::vector<std::string_view> keys;
  std::size_t at = 0;
  std::string_view unit;
  while (properties.next()) {
    const std::uint32_t field = properties.tag_and_type();
    if (field == text_field(1) && keys.size() < 1000) {
      keys.push_back(view_of(properties.get_view()));
    } else if (field == text_field(2)) {
      pbf_reader value = properties.get_message();
      const bool is_unit = at < keys.size() && (keys[at] == "engUnit" || keys[at] == "Engineering Units");
      ++at;
      while (is_unit && value.next(8, Wire::length_delimited)) unit = view_of(value.get_view());
    } else {
      properties.skip();
    }
  }
  return unit;
}

Metric read_metric(pbf_reader from) {
  Metric made;
  const auto set = [&made](Kind kind) { made.kind = kind; };
  while (from.next()) switch (from.tag_and_type()) {
      case text_field(1):
        made.name = view_of(from.get_view());
        break;
      case number_field(2):
        made.alias = from.get_uint64();
        break;
      case number_field(3):
        made.timestamp = from.get_uint64();
        break;
      case number_field(4):
        made.datatype = from.get_uint32();
        break;
      case number_field(5):
        made.historical = from.get_uint64() != 0;
        break;
      case number_field(7):
        made.null = from.get_uint64() != 0;
        break;
      case text_field(9):
        made.unit = unit_of(from.get_message());
        break;
      case number_field(10):
      case number_field(11):
        set(Kind::integer);
        made.integer = from.get_uint64();
        break;
      case fixed32_field(12):
        set(Kind::real32);
        made.real = static_cast<double>(from.get_float());
        break;
      case fixed64_field(13):
        set(Kind::real64);
        made.real = from.get_double();
        break;
      case number_field(14):
        set(Kind::boolean);
        made.integer = from.get_uint64() != 0 ? 1 : 0;
        break;
      case text_field(15):
        set(Kind::text);
        made.text = view_of(from.get_view());
        break;
      case text_field(16):
        set(Kind::bytes);
        made.text = view_of(from.get_view());
        break;
      case text_field(17):
      case text_field(18):
        set(Kind::other);
        from.skip();
        break;
      default:
        from.skip();
    }
  return made;
}

std::string name_of(std::uint32_t type) {
  switch (type) {
    case data_set:
      return "DataSet";
    case template_type:
      return "Template";
    default:
      return fmt::format("{}", type);
  }
}

/// An integer by its type: it may come in 32 or 64 bits, sign and all.
std::string integer_text(std::uint64_t bits, std::uint32_t type) {
  switch (type) {
    case int8:
      return fmt::format("{}", static_cast<std::int8_t>(bits));
    case int16:
      return fmt::format("{}", static_cast<std::int16_t>(bits));
    case int32:
      return fmt::format("{}", static_cast<std::int32_t>(bits));
    case int64:
      return fmt::format("{}", static_cast<std::int64_t>(bits));
    default:
      return fmt::format("{}", bits);
  }
}

void append_member(std::string& json, std::string_view name, std::string_view token) {
  json.append(",\"").append(name).append("\":").append(token);
}

std::string real_text(const Metric& metric) {
  const std::string digits =
      metric.kind == Kind::real32 ? fmt::format("{}", static_cast<float>(metric.real)) : fmt::format("{}", metric.real);
  if (digits == "nan" || digits == "-nan") return "NaN";
  return digits == "inf" ? "Infinity" : digits == "-inf" ? "-Infinity" : digits;
}

}  // namespace

std::string read_payload(std::string_view payload, Payload& to) {
  to = {};
  try {
    pbf_reader from(payload.data(), payload.size());
    while (from.next()) switch (from.tag_and_type()) {
        case number_field(1):
          to.timestamp = from.get_uint64();
          break;
        case text_field(2):
          if (to.metrics.size() == most_metrics) return "there are too many metrics";
          to.metrics.push_back(read_metric(from.get_message()));
          break;
        case number_field(3):
          to.sequence = from.get_uint64();
          break;
        default:
          from.skip();
      }
  } catch (const protozero::exception&) {
    return "the payload is not Sparkplug's protobuf";
  }
  return {};
}

std::string append_value(std::string& json, const Metric& metric, std::uint32_t datatype) {
  if (metric.null || metric.kind == Kind::none) {
    append_member(json, "value", "null");
    return {};
  }
  if (metric.kind == Kind::other || datatype == data_set || datatype >= template_type)
    return "the type " + name_of(datatype) + " of '" + std::string(metric.name) + "' is not a single value";
  std::string token;
  switch (metric.kind) {
    case Kind::integer:
      if (datatype == date_time) {
        if (metric.integer > 9'000'000'000'000) return "the value is out of range";
        append_json_string(token, format_time(Time(std::chrono::milliseconds(metric.integer))));
      } else {
        token = integer_text(metric.integer, datatype);
      }
      break;
    case Kind::real32:
    case Kind::real64:
      token = real_text(metric);
      break;
    case Kind::boolean:
      token = metric.integer != 0 ? "true" : "false";
      break;
    case Kind::text:
      if (!is_utf8(metric.text)) return "the value is not UTF-8";
      append_json_string(token, metric.text);
      break;
    case Kind::bytes:
      token = '"';
      append_base64(token, metric.text);
      token += '"';
      append_member(json, "value_base64", token);
      return {};
    case Kind::none:
    case Kind::other:
      break;
  }
  append_member(json, "value", token);
  return {};
}

std::string rebirth_command(Time now) {
  const auto milliseconds =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  std::string payload;
  protozero::pbf_writer to(payload);
  to.add_uint64(1, milliseconds);
  protozero::pbf_writer metric(to, 2);
  metric.add_string(1, "Node Control/Rebirth");
  metric.add_uint64(3, milliseconds);
  metric.add_uint32(4, boolean);
  metric.add_bool(14, true);
  metric.commit();
  return payload;
}

}  // namespace weir::sparkplug
