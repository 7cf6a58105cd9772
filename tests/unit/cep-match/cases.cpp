#include "cases.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <vector>

#include "cep_match.hpp"
#include "record/parser.hpp"

namespace weir::cep_match::cases {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool is_number(std::string_view word) { return word.find_first_not_of("-.0123456789") == std::string_view::npos; }

/// The records of words, as lines.
std::vector<std::string> lines_of(std::string_view words) {
  std::vector<std::string> lines;
  int id = 0;
  int second = 0;
  for (std::string word : split(words, ' ')) {
    ++id;
    ++second;
    std::string key;
    if (const std::size_t slash = word.find('/'); slash != std::string::npos) {
      key = fmt::format(R"("k":"{}",)", word.substr(0, slash));
      word = word.substr(slash + 1);
    }
    if (const std::size_t colon = word.find(':'); colon != std::string::npos) {
      second = std::stoi(word.substr(0, colon));
      word = word.substr(colon + 1);
    }
    const std::string value = is_number(word) ? fmt::format(R"("n":{})", word) : fmt::format(R"("v":"{}")", word);
    lines.push_back(fmt::format(R"({{"time":{},{}"id":{},{}}})", 1'700'000'000 + second, key, id, value));
  }
  return lines;
}

std::string run(const Settings& settings, const std::vector<std::string>& lines) {
  CepMatch stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  std::uint64_t number = 0;
  for (const std::string& line : lines) {
    const Record* record = parser.parse_copy(line, ++number);
    if (record == nullptr) throw std::runtime_error("not a record: " + line);
    if (const Verdict verdict = stage.on_record(*record, out); verdict.rejected())
      throw std::runtime_error(verdict.reason());
  }
  stage.on_end(out);
  return out.lines;
}

/// The values of some fields of each line.
std::vector<std::vector<std::string>> values_of(const std::string& lines, const std::vector<std::string>& names) {
  FieldSet fields;
  std::vector<FieldId> ids;
  for (const std::string& name : names) ids.push_back(fields.add(name));
  RecordParser parser(fields);
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(lines, '\n')) {
    const Record* record = parser.parse_copy(line, rows.size() + 1);
    if (record == nullptr) throw std::runtime_error("not a record: " + line);
    std::vector<std::string>& row = rows.emplace_back();
    for (const FieldId id : ids) row.emplace_back((*record)[id].text);
  }
  return rows;
}

}  // namespace

std::string sql(std::string_view records, const std::string& rest, const std::string& others) {
  Settings settings;
  settings.match_recognize =
      fmt::format("MEASURES MATCH_NUMBER() AS m, CLASSIFIER() AS c ALL ROWS PER MATCH {} {}", others, rest);
  std::string text;
  std::string match;
  for (const auto& row : values_of(run(settings, lines_of(records)), {"id", "m", "c"})) {
    if (row[1] == "null") {
      text += fmt::format("{}-{}", text.empty() ? "" : " | ", row[0]);
      match.clear();
      continue;
    }
    if (row[1] != match) text += fmt::format("{}{}:", text.empty() ? "" : " | ", row[1]);
    match = row[1];
    text += fmt::format(" {}{}", row[0], row[2] == "null" ? "()" : row[2]);
  }
  return text;
}

std::string line(std::string_view records, const std::string& pattern, Settings settings,
                 const std::string& definitions) {
  settings.pattern = pattern;
  settings.rows = Rows::all;
  settings.measures = {"m = concat(match_number(), '-', first(id))"};
  settings.define = split(definitions, ';');
  if (definitions.empty())
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      const std::string padded = " " + pattern + " ";
      const std::size_t at = padded.find_first_of(name);
      bool used = false;
      for (std::size_t i = at; i != std::string::npos; i = padded.find_first_of(name, i + 1)) {
        const auto in_word = [&](std::size_t k) { return (std::isalnum(static_cast<unsigned char>(padded[k])) != 0); };
        used = used || (!in_word(i - 1) && !in_word(i + 1));
      }
      if (used) settings.define.push_back(fmt::format("{}: v == '{}'", name, name));
    }
  const bool timed = settings.timeouts == Timeouts::write;
  std::string text;
  std::string match;
  std::vector<std::string> names{"id", "m", "step", "timed_out"};
  for (const auto& row : values_of(run(settings, lines_of(records)), names)) {
    const bool out = timed && row[3] == "true";
    const std::string id = row[1] + (out ? "!" : "");
    if (id != match) text += fmt::format("{}{}", text.empty() ? "" : " | ", out ? "!" : "");
    if (id == match) text += ' ';
    match = id;
    text += row[0] + row[2];
  }
  return text;
}

std::string measured(std::string_view records, const std::string& measures, const std::string& rest) {
  Settings settings;
  settings.match_recognize = fmt::format("MEASURES {} {}", measures, rest);
  std::string text;
  for (const std::string& line : split(run(settings, lines_of(records)), '\n')) {
    const std::size_t end = line.find("\"window_end\":");
    const std::size_t comma = line.find(',', end);
    text += fmt::format("{}{{{}", text.empty() ? "" : " ", line.substr(std::min(comma + 1, line.size())));
  }
  return text;
}

std::string running(std::string_view records, const std::string& measure, const std::string& rest, Settings settings) {
  settings.match_recognize += fmt::format(" MEASURES {} AS x ALL ROWS PER MATCH {}", measure, rest);
  std::string text;
  for (const auto& row : values_of(run(settings, lines_of(records)), {"x"}))
    text += fmt::format("{}{}", text.empty() ? "" : " ", row[0]);
  return text;
}

std::string refusal(const Settings& settings) {
  try {
    const CepMatch stage(settings);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

}  // namespace weir::cep_match::cases
