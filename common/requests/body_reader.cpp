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

BodyReader::BodyReader() : list_(most_records), senml_(most_records) {}

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
      return take_list(list_.read(body));
    case Format::ndjson:
      return take_list(list_.read_lines(body));
    case Format::senml:
      return read_senml(body, received);
    case Format::influx:
      return read_points(body, precision, received);
    case Format::number:
      return read_number(trimmed(body));
  }
  return true;
}

/// Takes over the parts of the list, as `read` found them.
bool BodyReader::take_list(bool read) {
  counted_ = list_.counted_name();
  if (!read) {
    reason_ = list_.reason();
    return false;
  }
  for (const auto& [number, text] : list_.parts()) pieces_.push_back({.number = number, .raw = text, .json = text});
  return true;
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
