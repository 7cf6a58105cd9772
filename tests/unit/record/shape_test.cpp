// Lines with the shape of earlier ones take a faster path; results must be the same.
#include "record/shape.hpp"

#include <array>
#include <random>
#include <string>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"

using namespace weir;

namespace {

const std::vector<std::string> stream_lines{
    R"({"ts":"2026-01-01T00:00:00Z","sensor":"s1","value":21.37,"unit":"C"})",
    R"({"ts":"2026-01-01T00:00:01Z","sensor":"s22","value":-1e3,"unit":"C"})",
    R"({"ts": "2026-01-01T00:00:02Z", "sensor": "s3", "value": null, "unit": "C"})",
    R"( {"ts" : "a" , "sensor" : true , "value" : 0 , "unit" : "C" } )",
    R"({"sensor":"s4","value":7,"ts":"2026-01-01T00:00:03Z","unit":"C"})",
    R"({"ts":"2026-01-01T00:00:04Z","sensor":"a \"b\" \u00e4","value":21.37,"unit":"\\"})",
    R"({"ts":"x","sens\u006fr":"s","value":1,"unit":"C"})",
    R"({"ts":"x","sensor":"s","value":1,"value":2,"unit":"C"})",
    R"({"ts":"x","sensor":"s","value":{"deep":1},"unit":[1,2]})",
    R"({"ts":"x","sensor":"s","value":{"deep":{"er":"y"}}})",
    R"({"ts":"x","sensor":"s","a_name_of_more_than_sixteen_bytes":1,"value":3})",
    R"({"ts":"x","sensor":"s","a_name_of_more_than_sixteen_bytfs":1,"value":3})",
    R"({"t":"x"})",
    R"({"value":99999999999999999999})",
    R"({})",
    "{\"ts\":\"x\",\"sensor\":\"s\",\"value\":1,\"unit\":\"C\"}\r",
    "{\"ts\":\"x\",\"sensor\":\"s\",\"value\":1",
    ",\"unit\":\"C\"}",
    "",
};

std::string text_of(const Value& value) {
  const auto number = value.number();
  return std::to_string(static_cast<int>(value.kind)) + '|' + std::string(value.raw) + '|' + std::string(value.text) +
         '|' + (number ? std::to_string(*number) : "-");
}

/// Everything that a record shows.
std::string seen(const Record* record, const RecordParser& parser, const std::vector<FieldId>& ids) {
  if (record == nullptr) return "refused: " + parser.reason();
  std::string text(record->line());
  for (const FieldId id : ids) text += '\n' + text_of((*record)[id]);
  for (const Member& member : record->members())
    text += '\n' + std::string(member.raw_key) + '|' + std::string(member.key) + '|' + text_of(member.value);
  return text;
}

/// A line, unchanged or with one byte changed, removed or inserted.
std::string some_line(std::mt19937& random) {
  const auto below = [&random](std::size_t n) { return random() % n; };
  static constexpr std::string_view bytes = "{}[]\",:\\ \r0-1.eatn";
  std::string line = stream_lines[below(stream_lines.size())];
  if (line.empty() || below(4) != 0) return line;
  const std::size_t at = below(line.size());
  const char byte = bytes[below(bytes.size())];
  switch (below(3)) {
    case 0:
      line[at] = byte;
      break;
    case 1:
      line.erase(at, 1);
      break;
    default:
      line.insert(at, 1, byte);
  }
  return line;
}

}  // namespace

TEST_CASE("the result of a line does not depend on earlier lines") {
  struct Way {
    Checking checking;
    bool members;
  };
  for (const Way way : std::array<Way, 3>{
           {{Checking::structure, false}, {Checking::structure, true}, {Checking::every_token, false}}}) {
    FieldSet fields;
    const std::vector<FieldId> ids{fields.add("ts"), fields.add("sensor"), fields.add("value"),
                                   fields.add("value.deep.er")};
    if (way.members) fields.read_members();
    RecordParser in_block(fields, way.checking);
    RecordParser ahead(fields, way.checking);  // finds the ends of lines by their shape where it can
    RecordParser alone(fields, way.checking);
    std::mt19937 random(7);
    std::size_t taken = 0;
    std::size_t refused = 0;
    std::size_t alike = 0;
    for (int block = 0; block < 400; ++block) {
      std::vector<std::string> lines;
      std::string text;
      for (int i = 0; i < 40; ++i) {
        // A line with invalid bytes would make its whole block be read line by line.
        const std::string& line = lines.emplace_back(some_line(random));
        if (alone.parse_copy(line, 1) == nullptr && block % 4 != 0 &&
            alone.reason().find("string is not") != std::string::npos)
          lines.back() = stream_lines[0];
        text += lines.back() + '\n';
      }
      const std::size_t size = text.size() - 1;
      text.append(RecordParser::padding, '\0');
      in_block.prepare(std::string_view(text).substr(0, size));
      ahead.prepare(std::string_view(text).substr(0, size));
      std::size_t begin = 0;
      for (const std::string& line : lines) {
        const std::string_view in_text = std::string_view(text).substr(begin, line.size());
        const std::string_view rest = std::string_view(text).substr(begin, size + 1 - begin);
        begin += line.size() + 1;
        const std::string expected = seen(alone.parse_copy(line, 1), alone, ids);
        const std::string found = seen(in_block.parse(in_text, 1), in_block, ids);
        if (found != expected) CHECK(found == expected);
        ++(found.starts_with("refused") ? refused : taken);
        const Record* record = ahead.parse_alike(rest, 1);
        if (record != nullptr)
          ++alike;
        else
          record = ahead.parse(in_text, 1);
        if (const std::string by_shape = seen(record, ahead, ids); by_shape != expected) CHECK(by_shape == expected);
      }
    }
    CHECK(taken > 10000);
    CHECK(refused > 500);
    CHECK(alike > 2000);
  }
}

TEST_CASE("a shape is learned of flat objects only") {
  const auto steps_of = [](const std::string& text, const std::vector<std::uint32_t>& tokens) {
    return Shape::of(text.data(), tokens.data(), tokens.size(), [](std::string_view) { return 0; }).steps().size();
  };
  CHECK(steps_of(R"({"a":1,"b": 2})", {0, 1, 4, 5, 6, 7, 10, 12, 13}) == 2);
  CHECK(steps_of(R"({})", {0, 1}) == 0);
  CHECK(steps_of(R"({"a":[]})", {0, 1, 4, 5, 6, 7}) == 0);
  CHECK(steps_of(R"({"a":{"b":1,"c":2}})", {0, 1, 4, 5, 6, 9, 10, 11, 12, 15, 16, 17, 18}) == 0);
  CHECK(steps_of(R"({"\n":1})", {0, 1, 5, 6, 7}) == 0);
}

TEST_CASE("a line whose newline has not been read is not taken by its shape") {
  FieldSet fields;
  fields.add("a");
  RecordParser parser(fields);
  const std::string line = R"({"a":1})";
  std::string text = line + '\n' + line + '\n';
  const std::size_t size = text.size() - 1;
  text.append(RecordParser::padding, '\0');
  parser.prepare(std::string_view(text).substr(0, size));
  REQUIRE(parser.parse(std::string_view(text).substr(0, line.size()), 1) != nullptr);
  const std::string_view second = std::string_view(text).substr(line.size() + 1);
  CHECK(parser.parse_alike(second.substr(0, line.size()), 2) == nullptr);
  const Record* const record = parser.parse_alike(second.substr(0, line.size() + 1), 2);
  REQUIRE(record != nullptr);
  CHECK(record->line() == line);
  CHECK(record->line_number() == 2);
}

TEST_CASE("a line that is left to parse() leaves no value in a later one") {
  FieldSet fields;
  const FieldId a = fields.add("a");
  const FieldId b = fields.add("b");
  RecordParser parser(fields);
  const std::array<std::string, 5> lines{R"({"a":1})", R"({"a":1,"b":2})", R"({"a":3})", R"({"a":4,"b":5,"c"})",
                                         R"({"a":6})"};
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  const std::size_t size = text.size();
  text.append(RecordParser::padding, '\0');
  const std::string_view block = std::string_view(text).substr(0, size);
  parser.prepare(block.substr(0, size - 1));
  std::size_t begin = 0;
  const auto alike = [&](std::size_t i) {
    const std::string_view rest = block.substr(begin);
    begin += lines[i].size() + 1;
    const Record* const record = parser.parse_alike(rest, i + 1);
    return record != nullptr ? record : i == 3 ? nullptr : parser.parse(rest.substr(0, lines[i].size()), i + 1);
  };
  for (const std::size_t i : {0U, 1U, 2U, 3U, 4U}) {
    const Record* const record = alike(i);
    REQUIRE((record != nullptr) == (i != 3));
    if (record == nullptr) continue;
    CHECK((*record)[a].present());
    CHECK((*record)[b].present() == (i == 1));
  }
}

TEST_CASE("few lines unlike the others leave the rest as it is, and so do many") {
  for (const std::string odd : {R"({"a":{"b":1}})", R"({"a":"x)", "{\"a\":\"\xff\"}", "{\"a\":\"\t\"}"}) {
    for (const int every : {200, 3}) {
      FieldSet fields;
      const FieldId a = fields.add("a");
      RecordParser in_block(fields);
      RecordParser alone(fields);
      for (int round = 0; round < 3; ++round) {
        std::vector<std::string> lines;
        std::string text;
        for (int i = 0; i < 300; ++i)
          text += lines.emplace_back(i % every == 1 ? odd : R"({"a":)" + std::to_string(i) + '}') + '\n';
        const std::size_t size = text.size() - 1;
        text.append(RecordParser::padding, '\0');
        in_block.prepare(std::string_view(text).substr(0, size));
        std::size_t begin = 0;
        for (const std::string& line : lines) {
          const std::string_view in_text = std::string_view(text).substr(begin, line.size());
          begin += line.size() + 1;
          const std::string found = seen(in_block.parse(in_text, 1), in_block, {a});
          const std::string expected = seen(alone.parse_copy(line, 1), alone, {a});
          if (found != expected) CHECK(found == expected);
        }
      }
    }
  }
}

TEST_CASE("of more shapes than there is room for the oldest goes") {
  const auto shape_of = [](char last) {
    const std::string text = std::string(R"({"a":1,")") + last + R"(":2})";
    const std::vector<std::uint32_t> tokens{0, 1, 4, 5, 6, 7, 10, 11, 12};
    return Shape::of(text.data(), tokens.data(), tokens.size(), [](std::string_view name) { return name[0] - 'a'; });
  };
  Shapes shapes;
  CHECK(shapes.empty());
  for (std::size_t i = 0; i < Shapes::most; ++i) CHECK(shapes.add(shape_of(static_cast<char>('b' + i))) == i);
  CHECK(shapes.common(0, 1) == 1);
  CHECK(shapes.common(2, 2) == 2);
  CHECK(shapes.add(shape_of('c')) == 0);
  CHECK(shapes.size() == Shapes::most);
  CHECK(shapes.common(0, 1) == 2);
  CHECK(shapes.common(3, 0) == 1);
  Shape shape = shape_of('c');
  shape.set_fields(4);
  CHECK(shape.absent() == std::vector<std::size_t>{1, 3});
}

TEST_CASE("a step stands where all of its bytes do") {
  for (const std::size_t size : {3U, 7U, 8U, 9U, 15U, 16U, 17U, 24U, 31U, 32U, 33U, 40U}) {
    std::string bytes = '"' + std::string(size - 2, 'x') + '"';
    const Shape::Step step(bytes, 0, size, 0);
    bytes.append(32, '\0');
    const std::size_t needed = size > 32 ? size : 0;
    CHECK(step.stands_at(bytes.data(), bytes.data() + needed));
    if (needed > 0) CHECK_FALSE(step.stands_at(bytes.data(), bytes.data() + needed - 1));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = bytes;
      other[i] = 'y';
      CHECK_FALSE(step.stands_at(other.data(), other.data() + size));
    }
  }
}
