#include "requests/body_reader.hpp"

#include <algorithm>

#include "record/number.hpp"
#include "record/trimmed.hpp"

namespace weir::requests {
namespace {

/// A content type in small letters, without its parameters.
std::string media_type(std::string_view text) {
  std::string type(trimmed(text.substr(0, text.find(';'))));
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return type;
}

/// Calls `use(number, line)` for each line that is not blank, until it returns false. `length_of_first` gives a line's
/// length.
template <typename Length, typename Use>
bool for_each_line(std::string_view body, Length length_of_first, Use use) {
  for (std::uint64_t number = 1; !body.empty();) {
    const std::string_view whole = body.substr(0, length_of_first(body));
    const std::string_view line = trimmed(whole);
    if (!line.empty() && !use(number, line)) return false;
    number += 1 + static_cast<std::uint64_t>(std::count(whole.begin(), whole.end(), '\n'));
    body.remove_prefix(std::min(whole.size() + 1, body.size()));
  }
  return true;
}

std::size_t line_length(std::string_view text) { return std::min(text.find('\n'), text.size()); }

}  // namespace

Format format_of(std::string_view content_type, std::string_view path, std::string_view body) {
  const std::string type = media_type(content_type);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (path.ends_with("/write") || path.ends_with("/write_lp")) return Format::influx;
  if (has("senml+json")) return Format::senml;
  for (const std::string_view lines : {"ndjson", "jsonl", "jsonlines", "json-lines"})
    if (has(lines)) return Format::ndjson;
  if (has("json")) return Format::json;
  for (const std::string_view vague :
       {"", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"})
    if (type == vague && (trimmed(body).starts_with('{') || trimmed(body).starts_with('['))) return Format::json;
  return Format::unknown;
}

BodyReader::BodyReader() : probe_(FieldSet()), senml_(most_records) {}

bool BodyReader::read(std::string_view body, Format format, influx::Precision precision, Time received) {
  pieces_.clear();
  kept_.clear();
  sizes_.clear();
  counted_ = "line";
  reason_.clear();
  if (trimmed(body).empty()) {
    reason_ = "the body is empty";
    return false;
  }
  switch (format) {
    case Format::unknown:
      reason_ = "the content type is not known";
      return false;
    case Format::json:
      return read_json(trimmed(body));
    case Format::ndjson:
      return read_lines(body);
    case Format::senml:
      return read_senml(body, received);
    case Format::influx:
      return read_points(body, precision, received);
    case Format::number:
      return read_number(trimmed(body));
  }
  return true;
}

bool BodyReader::read_json(std::string_view body) {
  if (body.starts_with('[')) return read_array(body);
  const std::string_view first = trimmed(body.substr(0, body.find('\n')));
  // Lines, where the first is whole, or where another begins with a brace as well.
  const bool lines = first.size() < body.size() &&
                     (probe_.parse_copy(first, 1) != nullptr || body.find("\n{") != std::string_view::npos);
  if (lines) return read_lines(body);
  counted_ = {};
  pieces_.push_back({.number = 1, .raw = body, .json = body});
  return true;
}

bool BodyReader::read_array(std::string_view array) {
  counted_ = "element";
  std::uint64_t number = 0;
  const bool whole = probe_.each_element(array, [&](const Value& element) {
    keep(++number, element.raw, {}, {});
    return number <= most_records;
  });
  if (number > most_records || !whole) {
    reason_ = number > most_records ? too_many_records : probe_.reason();
    return false;
  }
  place_kept();
  for (Piece& piece : pieces_) piece.json = piece.raw;
  return true;
}

bool BodyReader::read_lines(std::string_view body) {
  const bool all = for_each_line(body, line_length, [&](std::uint64_t number, std::string_view line) {
    pieces_.push_back({.number = number, .raw = line, .json = line});
    return pieces_.size() <= most_records;
  });
  if (!all) reason_ = too_many_records;
  return all;
}

bool BodyReader::read_senml(std::string_view body, Time received) {
  counted_ = "element";
  const auto take = [this](std::uint64_t number, std::string_view element, std::string_view line,
                           std::string_view problem) { keep(number, element, line, problem); };
  if (!senml_.read(body, received, take)) {
    reason_ = senml_.reason();
    return false;
  }
  place_kept();
  return true;
}

bool BodyReader::read_points(std::string_view body, influx::Precision precision, Time received) {
  const bool all =
      for_each_line(body, influx::LineReader::length_of_first, [&](std::uint64_t number, std::string_view line) {
        if (influx::LineReader::is_blank(line)) return true;
        line_.clear();
        if (points_.read(line, precision, received, line_))
          keep(number, line, line_, {});
        else
          keep(number, line, {}, points_.reason());
        return pieces_.size() <= most_records;
      });
  if (!all) reason_ = too_many_records;
  place_kept();
  return all;
}

bool BodyReader::read_number(std::string_view body) {
  counted_ = {};
  double value = 0;
  if (!parse_json_number(body, value)) {
    reason_ = "the body is not a number";
    return false;
  }
  line_ = "{\"value\":";
  line_.append(body) += '}';
  keep(1, body, line_, {});
  place_kept();
  return true;
}

void BodyReader::keep(std::uint64_t number, std::string_view raw, std::string_view json, std::string_view problem) {
  pieces_.push_back({.number = number});
  sizes_.push_back({raw.size(), json.size(), problem.size()});
  kept_ += raw;
  kept_ += json;
  kept_ += problem;
}

/// Makes views of the kept texts, which no longer move.
void BodyReader::place_kept() {
  std::string_view rest = kept_;
  const auto next = [&](std::size_t size) {
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  };
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    pieces_[i].raw = next(sizes_[i].raw);
    pieces_[i].json = next(sizes_[i].json);
    pieces_[i].problem = next(sizes_[i].problem);
  }
}

}  // namespace weir::requests
