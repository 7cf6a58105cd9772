#include "protocol.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "record/json_text.hpp"
#include "record/trimmed.hpp"
#include "record/value_checks.hpp"

namespace weir::ml_call {
namespace {

constexpr std::string_view place = "{inputs}";

/// The beginning of any bytes, for a message.
std::string printable(std::string_view bytes) {
  std::string text(bytes.substr(0, 60));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') c = '?';
  return text;
}

/// Appends JSON without the blanks and line ends between its tokens.
void append_compact(std::string& out, std::string_view json) {
  constexpr std::string_view joints = "{}[],:";
  const auto is_joint = [&](char c) { return joints.find(c) != std::string_view::npos; };
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
      // Two tokens that a blank keeps apart are no JSON; they must not become one.
      if (!out.empty() && out.back() != ' ') out += ' ';
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (!in_string || c == '"') {
      const bool needless = is_joint(c) || (out.size() > 1 && is_joint(out[out.size() - 2]));
      if (out.ends_with(' ') && needless) out.pop_back();
    }
    out += c;
    if (in_string && c == '\\' && i + 1 < json.size()) out += json[++i];
  }
}

void append_list(std::string& out, std::span<const std::string> tokens) {
  out += '[';
  for (const std::string& token : tokens) {
    if (&token != tokens.data()) out += ',';
    out += token;
  }
  out += ']';
}

}  // namespace

ProtocolCodec::ProtocolCodec(const ProtocolSettings& settings, std::vector<std::string> names)
    : settings_(settings),
      names_(std::move(names)),
      whole_(fields_.add("answer")),
      answer_(fields_.add(settings.answer.empty() || settings.protocol == Protocol::v2 ? "answer"
                                                                                      : "answer." + settings.answer)),
      outputs_(fields_.add("answer.outputs")),
      name_(output_fields_.add("name")),
      shape_(output_fields_.add("shape.0")),
      data_(output_fields_.add("data")) {
  if (names_.empty()) throw std::invalid_argument("--input is needed: what the model is given");
  for (auto name = names_.begin(); name != names_.end(); ++name)
    if (std::find(names_.begin(), name, *name) != name)
      throw std::invalid_argument(fmt::format("--input: '{}' is given twice", *name));
  if (!settings_.envelope.empty()) {
    const std::size_t at = settings_.envelope.find(place);
    FieldSet none;
    std::string sample = settings_.envelope;
    if (at != std::string::npos) sample.replace(at, place.size(), "null");
    if (at == std::string::npos || RecordParser(none, Checking::every_token).parse_copy(sample, 1) == nullptr)
      throw std::invalid_argument(
          fmt::format("--envelope: '{}' is not a JSON object with {{inputs}} in it", settings_.envelope));
    if (settings_.protocol == Protocol::v2) throw std::invalid_argument("--envelope goes with --protocol json");
  }
  if (!settings_.tensor.empty() && settings_.protocol == Protocol::json)
    throw std::invalid_argument("--tensor goes with --protocol v2");
  parser_ = std::make_unique<RecordParser>(fields_, Checking::every_token);
  output_parser_ = std::make_unique<RecordParser>(output_fields_, Checking::every_token);
}

std::string ProtocolCodec::object_of(const Row& row) const {
  std::string object = "{";
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i > 0) object += ',';
    append_json_string(object, names_[i]);
    object += ':';
    object += row[i];
  }
  return object + '}';
}

std::string ProtocolCodec::request_of(std::span<const Row* const> rows) const {
  if (settings_.protocol == Protocol::json) {
    std::vector<std::string> objects;
    for (const Row* row : rows) objects.push_back(object_of(*row));
    std::string inputs;
    if (settings_.list)
      append_list(inputs, objects);
    else
      inputs = objects.at(0);
    if (settings_.envelope.empty()) return inputs;
    std::string body = settings_.envelope;
    return body.replace(body.find(place), place.size(), inputs);
  }
  std::string body = R"({"inputs":[)";
  const auto tensor = [&](const std::string& name, std::size_t columns, const std::vector<std::string>& data) {
    body += R"({"name":)";
    append_json_string(body, name);
    body += fmt::format(R"(,"shape":[{},{}],"datatype":"{}","data":)", rows.size(), columns, settings_.datatype);
    append_list(body, data);
    body += '}';
  };
  std::vector<std::string> data;
  if (!settings_.tensor.empty()) {
    for (const Row* row : rows) data.insert(data.end(), row->begin(), row->end());
    tensor(settings_.tensor, names_.size(), data);
  } else {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      data.clear();
      for (const Row* row : rows) data.push_back((*row)[i]);
      if (i > 0) body += ',';
      tensor(names_[i], 1, data);
    }
  }
  return body + "]}";
}

/// The tokens of a list. Throws BadAnswer where it is none.
std::vector<std::string> ProtocolCodec::elements_of(std::string_view list) {
  std::vector<std::string> elements;
  FieldSet none;
  RecordParser parser(none, Checking::every_token);
  const bool is_list = parser.each_element(list, [&](const Value& element) {
    elements.emplace_back(element.raw);
    return true;
  });
  if (!is_list) throw BadAnswer(fmt::format("{} is not a list", shortened(list)));
  return elements;
}

std::vector<std::string> ProtocolCodec::read(std::string_view answer, std::size_t rows) {
  std::string text = R"({"answer":)";
  const std::size_t begin = text.size();
  append_compact(text, trimmed(answer));
  const std::size_t length = text.size() - begin;
  text += '}';
  const Record* const record = parser_->parse_copy(text, 1);
  if (record == nullptr) throw BadAnswer("the answer is not JSON: " + printable(answer));
  if ((*record)[whole_].raw.size() != length) throw BadAnswer("the answer is not one JSON value");
  return settings_.protocol == Protocol::v2 ? read_v2(rows, *record) : read_json(rows, *record);
}

std::vector<std::string> ProtocolCodec::read_json(std::size_t rows, const Record& record) {
  const Value& value = record[answer_];
  if (value.kind == Kind::missing)
    throw BadAnswer(fmt::format("the answer has no {}: {}", settings_.answer, shortened(record[whole_].raw)));
  if (!settings_.list) return {std::string(value.raw)};
  std::vector<std::string> elements = elements_of(value.raw);
  if (elements.size() != rows)
    throw BadAnswer(fmt::format("{} predictions for {} rows", elements.size(), rows));
  return elements;
}

/// The predictions of one output, whose record has been parsed.
std::vector<std::string> ProtocolCodec::predictions_of(const Record& output, std::size_t rows) {
  std::vector<std::string> data = elements_of(output[data_].raw);
  const auto shape = output[shape_].number();
  if (data.empty() || data.size() % rows != 0 || (shape && *shape != static_cast<double>(rows)))
    throw BadAnswer(fmt::format("an output of {} values for {} rows", data.size(), rows));
  const std::size_t each = data.size() / rows;
  if (each == 1) return data;
  std::vector<std::string> predictions(rows);
  for (std::size_t i = 0; i < rows; ++i) append_list(predictions[i], std::span(data).subspan(i * each, each));
  return predictions;
}

std::vector<std::string> ProtocolCodec::read_v2(std::size_t rows, const Record& record) {
  if (record[outputs_].kind != Kind::array)
    throw BadAnswer(fmt::format("the answer has no list of outputs: {}", shortened(record[whole_].raw)));
  const std::vector<std::string> outputs = elements_of(record[outputs_].raw);
  std::vector<std::string> found;
  for (const std::string& text : outputs) {
    const Record* const output = output_parser_->parse_copy(text, 1);
    if (output == nullptr || (*output)[name_].kind != Kind::string)
      throw BadAnswer("an output is not an object with a name");
    const std::string name((*output)[name_].text);
    if (!settings_.answer.empty() && name != settings_.answer) continue;
    const std::vector<std::string> predictions = predictions_of(*output, rows);
    if (!settings_.answer.empty() || outputs.size() == 1) return predictions;
    found.resize(rows, "{");
    for (std::size_t i = 0; i < rows; ++i) {
      if (found[i].size() > 1) found[i] += ',';
      append_json_string(found[i], name);
      found[i] += ':' + predictions[i];
    }
  }
  if (found.empty()) throw BadAnswer(fmt::format("the answer has no output {}", settings_.answer));
  for (std::string& each : found) each += '}';
  return found;
}

}  // namespace weir::ml_call
