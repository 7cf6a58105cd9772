#include "table_options.hpp"

#include <algorithm>
#include <stdexcept>

#include "csv/decoded_reader.hpp"
#include "csv/header.hpp"
#include "record/control_key.hpp"
#include "record/json_text.hpp"

namespace weir::csv_tail {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw std::invalid_argument(reason); }

char delimiter_of(const std::string& text) {
  if (const auto delimiter = csv::parse_delimiter(text)) return *delimiter;
  refuse(
      "--delimiter takes `tab` or one ASCII character that is not a letter, digit, sign, dot, quote or control "
      "character");
}

/// The marks between groups of digits that a user names: one character, or any of the blanks in use.
std::vector<std::string> thousands_of(const std::string& text, char decimal) {
  if (text.empty()) return {};
  if (text == "space" || text == " ") return {" ", "\u00A0", "\u202F", "\u2009"};
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  const bool digit = text[0] >= '0' && text[0] <= '9';
  if (characters != 1 || !is_utf8(text) || digit || text == "-" || text == "\"" || text == std::string(1, decimal))
    refuse("--thousands takes `space` or one character that is not a digit, minus, quote or the mark of --decimal");
  return {text};
}

std::pair<std::string, std::string> renaming_of(const std::string& text) {
  const std::size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) refuse("--rename takes OLD=NEW, not '" + text + "'");
  if (text.substr(at + 1) == control_key) refuse("--rename: @ctl is kept for control lines");
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

RowSettings TableOptions::settings() const {
  RowSettings settings = rows;
  settings.format.delimiter = delimiter_of(delimiter);
  settings.format.quotes = lazy_quotes ? csv::Quotes::lazy : csv::Quotes::strict;
  settings.format.blanks = trim ? csv::Blanks::trimmed : csv::Blanks::kept;
  if (settings.format.comment.find_first_of("\r\n") != std::string::npos) refuse("--comment takes a part of a line");
  if (decimal != "." && decimal != ",") refuse("--decimal takes a dot or a comma");
  settings.cells.decimal = decimal[0];
  settings.cells.thousands = thousands_of(thousands, decimal[0]);
  if (const auto twice = csv::named_twice(settings.columns)) refuse("--columns names '" + *twice + "' twice");
  if (std::ranges::find(settings.columns, control_key) != settings.columns.end())
    refuse("--columns: @ctl is kept for control lines");
  try {
    settings.encoding = csv::plain_encoding(encoding);
  } catch (const std::invalid_argument& error) {
    refuse(std::string("--encoding: ") + error.what());
  }
  for (const std::string& each : renames) settings.renames.push_back(renaming_of(each));
  if (settings.time_columns.empty() && (!settings.time.format.empty() || settings.time.zone != "UTC"))
    refuse("--time-format and --tz need --time, which names the columns");
  if (!settings.by.empty() &&
      (settings.time_columns.empty() || settings.time.zone == "UTC" || settings.time.fold != Fold::infer))
    refuse("--by keeps series apart for --fold infer: it needs --time and --tz");
  RowOrder order;
  SourceTime{settings.time, order};  // throws what is wrong with it
  if (ragged) settings.ragged = Ragged::allowed;
  if (settings.quote_limit <= Duration::zero()) refuse("--quote-timeout must be longer than zero");
  return settings;
}

}  // namespace weir::csv_tail
