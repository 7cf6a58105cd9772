#include "models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/value_checks.hpp"
#include "state/checksum.hpp"

namespace weir::anomaly_score {
namespace {

std::string end_of(std::string_view text) { return fmt::format(",\"crc32c\":\"{:08x}\"}}", state::crc32c({text})); }

bool is_sealed(std::string_view line) {
  static const std::size_t size = end_of("").size();
  if (line.size() < size) return false;
  return line.substr(line.size() - size) == end_of(line.substr(0, line.size() - size));
}

}  // namespace

std::string_view method_name(Method method) {
  return method == Method::svm ? "svm" : method == Method::pca ? "pca" : "iforest";
}

std::string sealed(std::string text) {
  text += end_of(text);
  return text += '\n';
}

std::vector<std::string> key_paths(std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) paths.push_back(fmt::format("key.{}", i));
  return paths;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const std::string& name : names) {
    if (out.size() > 1) out += ',';
    append_json_string(out, name);
  }
  return out += ']';
}

std::vector<std::string> plain_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) names.push_back(FieldSet::plain_name(path));
  return names;
}

struct Models::Fields {
  explicit Fields(const Settings& settings)
      : key(key_paths(settings.by.size()), set),
        one_more(set.add(fmt::format("key.{}", settings.by.size()))),
        weir_model(set.add("weir_model")),
        method(set.add("method")),
        fields(set.add("fields")),
        parts(set),
        wanted(list_of(plain_names(settings.fields))) {}
  FieldSet set;
  GroupKey key;
  FieldId one_more, weir_model, method, fields;
  ModelLine parts;
  std::string wanted;
};

Models::Models(const Settings& settings) {
  Fields fields(settings);
  RecordParser parser(fields.set, Checking::every_token);
  for (const ModelFile& file : settings.model_files) {
    std::string_view text = file.text;
    for (std::uint64_t number = 1; !text.empty(); ++number) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.empty()) continue;
      const Record* record = parser.parse_copy(line, number);
      try {
        if (record == nullptr) throw std::invalid_argument(std::string(parser.reason()));
        add(*record, fields, settings);
      } catch (const std::invalid_argument& problem) {
        throw std::invalid_argument(fmt::format("--model: {}: line {}: {}", file.path, number, problem.what()));
      }
    }
  }
  if (models_.empty())
    throw std::invalid_argument(
        fmt::format("--model {}: there is no model in it: train one with --train", settings.model));
}

void Models::add(const Record& line, Fields& fields, const Settings& settings) {
  if (line[fields.weir_model].number().value_or(0) != model_version)
    throw std::invalid_argument("not a model of version 2 (train it again with --train)");
  if (!is_sealed(line.line()))
    throw std::invalid_argument(
        "damaged, or changed after it was written: its checksum is not that of its bytes (train it again with "
        "--train)");
  if (line[fields.method].text != method_name(settings.method))
    throw std::invalid_argument(fmt::format("a model of --method {}, not of {}", shortened(line[fields.method].text),
                                            method_name(settings.method)));
  if (line[fields.fields].raw != fields.wanted)
    throw std::invalid_argument(
        fmt::format("a model of the fields {}, not of {}", shortened(line[fields.fields].raw), fields.wanted));
  const bool fits = !line[fields.one_more].present();
  std::string_view key;
  if (!fits || fields.key.read(line, key).rejected()) throw std::invalid_argument("a model of another --by");
  fields.parts.read(line);
  if (!models_.emplace(key, read_model(fields.parts, settings.method, settings.fields.size())).second)
    throw std::invalid_argument("a second model of the same key");
}

TrainedModel* Models::find(std::string_view key) {
  const auto found = models_.find(key);
  return found == models_.end() ? nullptr : found->second.get();
}

std::string model_file(std::string_view pattern, const std::vector<std::string>& by,
                       const std::vector<std::string>& values) {
  const std::string_view whole = pattern;
  std::string out;
  while (!pattern.empty()) {
    const auto open = std::min(pattern.find('{'), pattern.size());
    out += pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const auto close = pattern.find('}');
    const std::string_view name = pattern.substr(1, close == std::string_view::npos ? close : close - 1);
    const auto field = std::find(by.begin(), by.end(), name);
    if (close == std::string_view::npos || field == by.end())
      throw std::invalid_argument(fmt::format("--model: {{{}}} is not a field of --by", name));
    const std::string& value = values[static_cast<std::size_t>(field - by.begin())];
    for (std::size_t i = 0; i < value.size(); ++i) {
      const char c = value[i];
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                         c == '-' || (c == '.' && i > 0);
      if (plain)
        out += c;
      else
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    pattern.remove_prefix(close + 1);
  }
  if (out.empty() || out.back() == '/')
    throw std::invalid_argument(fmt::format(
        "--model {}: the key {} leaves no name for a file: put a letter before or after it", whole, list_of(values)));
  return out;
}

}  // namespace weir::anomaly_score
