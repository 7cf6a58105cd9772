#include "point_maker.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <stdexcept>
#include <utility>

#include "state/fingerprint.hpp"

namespace weir::influx_load {
namespace {

using influx::Type;

/// `name=path` as name and path, `path` as both.
std::pair<std::string, std::string> named(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return {FieldSet::plain_name(text), std::string(text)};
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

std::string key_of(const std::string& name) {
  if (!influx::is_name(name)) throw std::invalid_argument(fmt::format("'{}' cannot be a name in InfluxDB", name));
  if (name == "time") throw std::invalid_argument("'time' is the point's own time; give another name, NAME=FIELD");
  std::string key;
  influx::append_key(key, name);
  return key;
}

Type type_of(std::string_view text) {
  static constexpr std::pair<std::string_view, Type> types[] = {{"float", Type::floating},
                                                                {"int", Type::integer},
                                                                {"uint", Type::unsigned_integer},
                                                                {"string", Type::string},
                                                                {"bool", Type::boolean}};
  for (const auto& [name, type] : types)
    if (name == text) return type;
  throw std::invalid_argument(fmt::format("'{}' is none of the types float, int, uint, string, bool", text));
}

template <typename Number>
bool is_whole(std::string_view digits) {
  Number number{};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
}

}  // namespace

PointMaker::PointMaker(const Mapping& mapping, FieldSet& fields)
    : measurement_(mapping.measurement, fields),
      time_path_(mapping.time_field),
      time_(fields.add(mapping.time_field)),
      times_(mapping.times),
      unit_(nanoseconds(mapping.precision)) {
  for (const std::string_view part : measurement_.fixed_parts())
    if (!part.empty() && !influx::is_name(std::string(part) + "x"))
      throw std::invalid_argument("--measurement: a control character cannot be in it");
  std::string fixed;
  for (const std::string_view part : measurement_.fixed_parts()) fixed += part;
  if (measurement_.is_fixed() && !influx::is_measurement(fixed))
    throw std::invalid_argument(fmt::format("--measurement: '{}' cannot be a name in InfluxDB", mapping.measurement));
  const auto each = [](const char* option, const std::vector<std::string>& texts, const auto& add) {
    for (const std::string& text : texts) try {
        add(text);
      } catch (const std::invalid_argument& problem) {
        throw std::invalid_argument(fmt::format("{}: {}", option, problem.what()));
      }
  };
  each("--tags", mapping.tags, [&](const std::string& text) { add_tag(text, fields); });
  each("--fields", mapping.fields, [&](const std::string& text) { add_field(text, fields); });
  each("--seq-tag", mapping.seq_tag.empty() ? std::vector<std::string>() : std::vector{mapping.seq_tag},
       [&](const std::string& text) { seq_key_ = key_of(text); });
  std::set<std::string> keys;
  const auto once = [&](const char* option, const std::string& key) {
    if (!keys.insert(key).second)
      throw std::invalid_argument(fmt::format("{}: '{}' is the name of another tag or field", option, key));
  };
  for (const Tag& tag : tags_) once("--tags", tag.key);
  for (const Field& field : fields_) once("--fields", field.key);
  if (!seq_key_.empty()) once("--seq-tag", seq_key_);
  for (const std::string& path : measurement_.paths()) named_.push_back({path, "--measurement"});
}

void PointMaker::add_tag(std::string_view text, FieldSet& fields) {
  const auto mark = text.find(":-");
  Tag tag;
  if (mark != std::string_view::npos) tag.otherwise = text.substr(mark + 2);
  tag.may_be_missing = mark != std::string_view::npos && tag.otherwise.empty();
  if (!tag.otherwise.empty() && !influx::is_name(tag.otherwise))
    throw std::invalid_argument(fmt::format("'{}' cannot be the value of a tag", tag.otherwise));
  auto [name, path] = named(text.substr(0, mark));
  tag.id = fields.add(path);
  tag.key = key_of(name);
  tag.path = path;
  named_.push_back({path, "--tags"});
  tags_.push_back(std::move(tag));
}

void PointMaker::add_field(std::string_view text, FieldSet& fields) {
  const auto mark = text.rfind(':');
  auto [name, path] = named(text.substr(0, mark));
  Field field{fields.add(path), path, key_of(name),
              mark == std::string_view::npos ? Type::by_value : type_of(text.substr(mark + 1))};
  named_.push_back({path, "--fields"});
  fields_.push_back(std::move(field));
}

Verdict PointMaker::make(const Record& record, std::string& out) {
  out.clear();
  if (Verdict verdict = measurement_.render(record, text_, "the measurement"); verdict.rejected()) return verdict;
  if (!influx::is_measurement(text_)) return Verdict::reject("the measurement cannot be a name in InfluxDB");
  influx::append_measurement(out, text_);
  if (Verdict verdict = append_tags(record, out); verdict.rejected()) return verdict;
  const Value& value = record[time_];
  Time time;
  if (!value.present()) return Verdict::reject(fmt::format("{} is the time and is missing", time_path_));
  if ((value.kind != Kind::string && value.kind != Kind::number) || !times_.parse(value.text, time))
    return Verdict::reject(fmt::format("{} is not a timestamp", time_path_));
  const std::int64_t nanoseconds = time.time_since_epoch().count();
  const std::int64_t units = nanoseconds / unit_ - (nanoseconds % unit_ < 0 ? 1 : 0);
  const std::string stamp = fmt::format(" {}", units);
  const std::size_t tags_end = out.size();
  out += ' ';
  if (Verdict verdict = append_fields(record, out); verdict.rejected()) return verdict;
  // The identity: the point without its fields.
  text_.assign(out, 0, tags_end);
  text_ += stamp;
  const std::uint32_t before = identities_.note(state::fingerprint(text_));
  if (before > 0) {
    ++repeated_;
    if (!seq_key_.empty()) out.insert(tags_end, fmt::format(",{}={}", seq_key_, before));
  }
  out += stamp;
  return Verdict::ok();
}

Verdict PointMaker::append_tags(const Record& record, std::string& out) {
  for (const Tag& tag : tags_) {
    const Value& value = record[tag.id];
    if (value.kind == Kind::object || value.kind == Kind::array)
      return Verdict::reject(fmt::format("{} is a tag and is an object or an array", tag.path));
    const bool there = value.present() && !value.text.empty();
    if (!there && tag.may_be_missing) continue;
    if (!there && tag.otherwise.empty())
      return Verdict::reject(fmt::format("{} is a tag and is {}", tag.path, value.present() ? "empty" : "missing"));
    const std::string_view text = there ? value.text : std::string_view(tag.otherwise);
    if (!influx::is_name(text))
      return Verdict::reject(
          fmt::format("{} is a tag and holds a control character or ends with a backslash", tag.path));
    out += ',';
    out += tag.key;
    out += '=';
    influx::append_key(out, text);
  }
  return Verdict::ok();
}

Verdict PointMaker::append_fields(const Record& record, std::string& out) {
  const std::size_t begin = out.size();
  for (const Field& field : fields_) {
    const Value& value = record[field.id];
    if (!value.present()) continue;
    if (out.size() > begin) out += ',';
    out += field.key;
    out += '=';
    if (Verdict verdict = append_value(field, value, out); verdict.rejected()) return verdict;
  }
  return out.size() > begin ? Verdict::ok() : Verdict::reject("none of the fields is there");
}

Verdict PointMaker::append_value(const Field& field, const Value& value, std::string& out) {
  Type type = field.type;
  if (type == Type::by_value)
    type = value.kind == Kind::number ? Type::floating : value.kind == Kind::boolean ? Type::boolean : Type::string;
  switch (type) {
    case Type::floating:
      if (!value.number()) return Verdict::reject(fmt::format("{} is not a number", field.path));
      out += value.text;
      return Verdict::ok();
    case Type::integer:
      if (value.kind != Kind::number || !is_whole<std::int64_t>(value.text))
        return Verdict::reject(fmt::format("{} is not an integer of 64 bits", field.path));
      out += value.text;
      out += 'i';
      return Verdict::ok();
    case Type::unsigned_integer:
      if (value.kind != Kind::number || !is_whole<std::uint64_t>(value.text))
        return Verdict::reject(fmt::format("{} is not an unsigned integer of 64 bits", field.path));
      out += value.text;
      out += 'u';
      return Verdict::ok();
    case Type::boolean:
      if (value.kind != Kind::boolean) return Verdict::reject(fmt::format("{} is not true or false", field.path));
      out += value.text;
      return Verdict::ok();
    default:
      influx::append_text(out, value.text);
      return Verdict::ok();
  }
}

}  // namespace weir::influx_load
