// links: stage_thresh-alert weir_expr weir_record
// Rules, as text and as TOML: read or refused with words, never more. What is read spells itself so that it reads
// back, evaluates alike from a record and from values, and its alerts are whole records in an order that makes sense.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "expr/expression.hpp"
#include "fuzz_expect.hpp"
#include "fuzz_records.hpp"
#include "record/parser.hpp"
#include "rules_file.hpp"
#include "thresh_alert.hpp"

namespace {

using namespace weir;
using namespace weir::thresh_alert;

constexpr const char* lines[] = {
    R"({"timestamp":"2026-01-01T00:00:00Z","city":"A","a":1,"b":2.5,"s":"x","t":true,"value":31,"parameter":"BOD"})",
    R"({"timestamp":"2026-01-01T00:01:00Z","city":"A","a":-1,"b":0,"s":"","t":false,"value":31,"parameter":"BOD"})",
    R"({"timestamp":"2026-01-01T00:01:00Z","city":"B","a":36,"s":"rain","t":true,"value":301,"parameter":"TSS"})",
    R"({"timestamp":"2026-01-01T00:06:00Z","city":"A","a":40,"b":null,"o":{"a":1},"value":1})",
    R"({"timestamp":"2026-01-01T00:02:00Z","city":"A","a":40})",
    R"({"timestamp":"2026-01-01T00:30:00Z","city":"A","a":1e300,"b":-1e300,"value":"text","parameter":"BOD"})",
    R"({"timestamp":"2262-01-01T00:00:00Z","city":null})",
    R"({"timestamp":"1678-01-01T00:00:00Z","city":"C","a":36})",
    R"({"timestamp":"2261-01-01T00:00:00Z","city":"C","a":3})"};

bool same(const expr::Result& a, const expr::Result& b) {
  return a.type == b.type && a.truth == b.truth && a.fault == b.fault && a.place == b.place && a.number == b.number &&
         a.text == b.text;
}

expr::Result operand(const Value& value) {
  switch (value.kind) {
    case Kind::boolean:
      return expr::Result::of(value.is_true());
    case Kind::number:
      return expr::Result::of(*value.number(), value.text);
    case Kind::string:
      return expr::Result::of(value.text);
    case Kind::object:
    case Kind::array: {
      expr::Result other{};
      other.type = expr::Type::other;
      return other;
    }
    default:
      return {};
  }
}

void check_expression(std::string_view text) {
  try {
    expr::Expression expression = expr::Expression::compile(text);
    expr::Expression again = expr::Expression::compile(expression.text());
    expect(again.text() == expression.text());
    FieldSet fields;
    expression.bind(fields);
    again.bind(fields);
    RecordParser parser(fields);
    for (const char* line : lines) {
      const Record* record = parser.parse_copy(line, 1);
      expect(record != nullptr);
      const expr::Result result = expression.evaluate(*record);
      expect(same(result, again.evaluate(*record)));
      std::vector<expr::Result> operands;
      for (const std::string& path : expression.fields()) operands.push_back(operand((*record)[fields.add(path)]));
      expect(same(result, expression.evaluate(operands)));
      expect(result.failed() == !expression.error_text(result).empty());
      for (const auto& each : expression.comparisons()) {
        std::string token = "{\"v\":";
        expression.append_token(token, each.value, *record);
        token += '}';
        expect(RecordParser(FieldSet(), Checking::every_token).parse_copy(token, 1) != nullptr);
        expect(!expression.text(each.threshold).empty());
      }
    }
  } catch (const expr::SyntaxError& error) {
    expect(error.position() <= text.size());
    expect(!error.reason().empty());
  } catch (const std::invalid_argument&) {  // a field path that is none, such as a.``.b
  }
}

/// Every alert is a whole record; of a rule and key, `resolved` follows `firing` and nothing resolves twice.
void check_alerts(const std::string& written) {
  FieldSet fields;
  const FieldId state = fields.add("state"), level = fields.add("level"), rule = fields.add("rule"),
                city = fields.add("city");
  RecordParser parser(fields, Checking::every_token);
  std::map<std::string, std::string> shown;
  for (std::size_t begin = 0; begin < written.size();) {
    const std::size_t end = written.find('\n', begin);
    expect(end != std::string::npos);
    const Record* alert = parser.parse_copy(std::string_view(written).substr(begin, end - begin), 1);
    expect(alert != nullptr);
    std::string& before = shown[std::string((*alert)[rule].text) + '\n' + std::string((*alert)[city].raw)];
    const bool firing = (*alert)[state].text == "firing";
    const std::string now = firing ? std::string((*alert)[level].text) : std::string();
    expect(before != now);
    if (!firing) expect((*alert)[level].text == before);
    before = now;
    begin = end + 1;
  }
}

void run(thresh_alert::Settings settings) {
  settings.by = {"city"};
  settings.max_keys = 2;
  try {
    ThreshAlert stage(settings);
    Output out;
    for_each_record(stage, lines, [&](const Record& record) {
      const std::size_t before = out.lines.size();
      static_cast<void>(stage.on_record(record, out));
      stage.on_watermark(Time(std::chrono::hours(490'000)), out);
      expect(out.lines.size() < before + 1'000'000);
    });
    check_alerts(out.lines);
  } catch (const std::invalid_argument&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    if (text.starts_with("[")) {
      thresh_alert::Settings settings;
      settings.rules_file = "rules.toml";
      settings.rules_text = text;
      run(std::move(settings));
    } else if (text.starts_with("{")) {
      const MessageTemplate message(text);
      std::string out;
      message.append(out, [](const MessageTemplate::Place&, std::string&) { return false; });
    } else {
      check_expression(text);
      Clauses defaults;
      defaults.clear = "<= 0";
      thresh_alert::Settings settings;
      settings.rules.rules = {text};
      settings.rules.warning = text;
      settings.rules.critical = "a > 35";
      settings.rules.name = "two levels";
      run(std::move(settings));
      static_cast<void>(make_rule(text, defaults));
    }
  } catch (const RuleError& error) {
    expect(*error.what() != '\0');
  } catch (const std::invalid_argument&) {  // a message that is no template
  }
  return 0;
}
