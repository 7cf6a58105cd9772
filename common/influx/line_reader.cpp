#include "influx/line_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "record/trimmed.hpp"
#include "time/timestamp.hpp"

namespace weir::influx {
namespace {

void skip_blanks(std::string_view& rest) {
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
}

/// `1.`, `.5` and `+1` as JSON has them: `1`, `0.5`, `1`.
std::string json_number(std::string_view text) {
  std::string number;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with('-')) {
    number += '-';
    text.remove_prefix(1);
  }
  if (text.starts_with('.')) number += '0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool bare_dot = text[i] == '.' && (i + 1 == text.size() || text[i + 1] < '0' || text[i + 1] > '9');
    if (!bare_dot) number += text[i];
  }
  return number;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::size_t LineReader::length_of_first(std::string_view text) {
  bool in_fields = false;  // before them, in names and tags, a quote is a character like others
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' && !in_string) return i;
    if (c == '\\' && i + 1 < text.size() && text[i + 1] != '\n')
      ++i;
    else if (c == '"' && in_fields)
      in_string = !in_string;
    else if (c == ' ' && i > 0 && text[0] != '#')
      in_fields = true;
  }
  // A string that is not closed does not take what follows with it.
  return in_string ? std::min(text.find('\n'), text.size()) : text.size();
}

bool LineReader::is_blank(std::string_view line) {
  line = trimmed(line);
  return line.empty() || line.front() == '#';
}

/// Reads up to one of the characters in `ends`; a backslash before one of them, or before a blank, comma or equals
/// sign, takes its meaning away.
bool LineReader::read_name(std::string_view& rest, std::string_view ends, std::string& name) {
  name.clear();
  std::size_t i = 0;
  for (; i < rest.size() && ends.find(rest[i]) == std::string_view::npos; ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && std::string_view(" ,=").find(rest[i + 1]) != std::string_view::npos)
      ++i;
    name += rest[i];
  }
  rest.remove_prefix(i);
  return !name.empty();
}

bool LineReader::read_string(std::string_view& rest, std::string& token) {
  text_.clear();
  std::size_t i = 1;
  for (; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
    text_ += rest[i];
  }
  if (i >= rest.size()) return fail("a string is not closed");
  rest.remove_prefix(i + 1);
  append_json_string(token, text_);
  return true;
}

bool LineReader::read_value(std::string_view& rest, std::string& token) {
  token.clear();
  if (rest.starts_with('"')) return read_string(rest, token);
  const std::string_view text = rest.substr(0, rest.find_first_of(", "));
  rest.remove_prefix(text.size());
  for (const std::string_view yes : {"t", "T", "true", "True", "TRUE"})
    if (text == yes) token = "true";
  for (const std::string_view no : {"f", "F", "false", "False", "FALSE"})
    if (text == no) token = "false";
  if (!token.empty()) return true;
  std::string_view digits = text;
  if (text.ends_with('i') || text.ends_with('u')) {
    digits.remove_suffix(1);
    if (!is_digits(digits.starts_with('-') && text.ends_with('i') ? digits.substr(1) : digits))
      return fail("'" + std::string(text) + "' is not a whole number");
  }
  token = json_number(digits);
  if (is_json_number(token)) return true;
  return fail(text.empty() ? "a field has no value" : "'" + std::string(text) + "' is not a value");
}

bool LineReader::read(std::string_view line, Precision precision, Time received, std::string& out) {
  std::string_view rest = trimmed(line);
  if (!is_utf8(rest)) return fail("not UTF-8");
  if (!read_name(rest, ", ", measurement_)) return fail("there is no measurement");
  std::set<std::string, std::less<>> names{"timestamp", "measurement"};
  members_.clear();
  const auto add = [&](std::string_view token) {
    if (!names.insert(name_).second) return fail("there are two values of '" + name_ + "'");
    members_ += ',';
    append_json_string(members_, name_);
    members_ += ':';
    members_ += token;
    return true;
  };
  while (rest.starts_with(',')) {
    rest.remove_prefix(1);
    if (!read_name(rest, ", =", name_) || !rest.starts_with('=')) return fail("a tag has no name or no value");
    rest.remove_prefix(1);
    if (!read_name(rest, ", ", text_)) return fail("the tag '" + name_ + "' has no value");
    token_.clear();
    append_json_string(token_, text_);
    if (!add(token_)) return false;
  }
  skip_blanks(rest);
  for (bool first = true; first || rest.starts_with(','); first = false) {
    if (!first) rest.remove_prefix(1);
    if (!read_name(rest, ", =", name_) || !rest.starts_with('='))
      return fail("there is no field, or one without value");
    rest.remove_prefix(1);
    if (!read_value(rest, token_) || !add(token_)) return false;
  }
  skip_blanks(rest);
  Time time = received;
  if (!rest.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc() || end != rest.data() + rest.size())
      return fail("'" + std::string(rest) + "' is not a time in whole numbers since 1970");
    const std::int64_t scale = nanoseconds(precision.unit.value_or(unit_of(count)));
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (count > most / scale || count < -most / scale)
      return fail("the time " + std::string(rest) + " is out of range: `precision` is its unit");
    time = Time(std::chrono::nanoseconds(count * scale));
  }
  std::string token;
  ObjectWriter(out).time("timestamp", time);
  out += ",\"measurement\":";
  append_json_string(out, measurement_);
  out += members_;
  out += '}';
  return true;
}

}  // namespace weir::influx
