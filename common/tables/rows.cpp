#include "tables/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "csv/header.hpp"
#include "csv/row_reader.hpp"
#include "record/field_watch.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"
#include "tables/toml_rows.hpp"

namespace weir::tables {
namespace {

[[noreturn]] void fail(const RowSettings& settings, std::uint64_t line, std::string_view reason) {
  throw TableError(fmt::format("{}:{}: {}", settings.name, line, reason));
}

/// The rows of a CSV text.
class CsvRows {
 public:
  CsvRows(std::string_view text, const RowSettings& settings) : settings_(settings), reader_(format(settings)) {
    reader_.append(text);
    reader_.finish();
    const csv::Row* const row = next();
    if (row == nullptr) throw TableError(settings.name + ": no header: the file is empty");
    header_ = csv::column_names(row->cells);
  }

  const std::vector<std::string>& header() const { return header_; }

  void read(const std::vector<std::string>& columns, const EachRow& each) {
    std::vector<std::size_t> places;
    std::vector<bool> is_text;
    for (const std::string& column : columns) {
      places.push_back(place_of(column));
      is_text.push_back(std::ranges::find(settings_.text, column) != settings_.text.end());
    }
    std::vector<Value> values(columns.size());
    std::vector<std::string> tokens(columns.size());
    while (const csv::Row* const row = next()) {
      if (row->cells.size() != header_.size())
        fail(settings_, row->line, fmt::format("{} cells where the header has {}", row->cells.size(), header_.size()));
      for (std::size_t i = 0; i < columns.size(); ++i)
        values[i] = value_of(row->cells[places[i]], is_text[i], tokens[i]);
      each(row->line, values);
    }
  }

 private:
  static csv::Format format(const RowSettings& settings) {
    csv::Format format;
    format.delimiter = settings.format == Format::tsv ? '\t' : settings.delimiter;
    return format;
  }

  const csv::Row* next() {
    const csv::Row* const row = reader_.next();
    if (row != nullptr && row->problem != nullptr) fail(settings_, row->line, row->problem);
    return row;
  }

  std::size_t place_of(const std::string& column) const {
    const auto found = std::ranges::find(header_, column);
    if (found != header_.end()) return static_cast<std::size_t>(found - header_.begin());
    throw TableError(fmt::format("{}: no column '{}'{}", settings_.name, column,
                                 suggestion(column, {header_.begin(), header_.end()})));
  }

  static Value value_of(std::string_view cell, bool is_text, std::string& token) {
    Value value;
    if (cell.empty()) {
      value.kind = Kind::null;
      value.raw = value.text = "null";
    } else if (!is_text && is_json_number(cell)) {
      value.kind = Kind::number;
      value.raw = value.text = cell;
    } else {
      token.clear();
      append_json_string(token, cell);
      value.kind = Kind::string;
      value.raw = token;
      value.text = cell;
    }
    return value;
  }

  const RowSettings& settings_;
  csv::RowReader reader_;
  std::vector<std::string> header_;
};

/// Calls each(line number, object) for the lines of NDJSON; blank ones are passed over.
template <typename Each>
void each_line(std::string_view text, Each each) {
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos && !each(number, line)) return;
  }
}

/// Calls each(line number, object) for the rows of NDJSON or TOML, until it returns false.
template <typename Each>
void each_object(std::string_view text, const RowSettings& settings, Each each) {
  if (settings.format == Format::toml)
    each_toml_row(text, settings.name, each);
  else
    each_line(text, each);
}

const Record& parsed(RecordParser& parser, std::uint64_t line, std::string_view object, const RowSettings& settings) {
  const Record* const record = parser.parse_copy(object, line);
  if (record == nullptr) fail(settings, line, parser.reason());
  return *record;
}

/// A member's name as a path.
std::string path_of(std::string_view name) {
  std::string path;
  for (const char c : name) path += c == '.' ? "\\." : std::string(1, c);
  return path;
}

}  // namespace

std::optional<Format> format_of(std::string_view path) {
  if (path.ends_with(".csv")) return Format::csv;
  if (path.ends_with(".tsv")) return Format::tsv;
  if (path.ends_with(".ndjson") || path.ends_with(".jsonl")) return Format::ndjson;
  if (path.ends_with(".toml")) return Format::toml;
  return std::nullopt;
}

std::vector<std::string> columns_of(std::string_view text, const RowSettings& settings) {
  if (settings.format == Format::csv || settings.format == Format::tsv) return CsvRows(text, settings).header();
  std::vector<std::string> columns;
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields, Checking::every_token);
  each_object(text, settings, [&](std::uint64_t line, std::string_view object) {
    for (const Member& member : parsed(parser, line, object, settings).members())
      if (!member.key.empty()) columns.push_back(path_of(member.key));
    return false;
  });
  if (columns.empty()) throw TableError(settings.name + ": no rows");
  return columns;
}

void read_rows(std::string_view text, const RowSettings& settings, const std::vector<std::string>& columns,
               const EachRow& each) {
  if (!is_utf8(text)) throw TableError(settings.name + ": not UTF-8");
  if (settings.format == Format::csv || settings.format == Format::tsv)
    return CsvRows(text, settings).read(columns, each);
  FieldSet fields;
  std::vector<FieldId> ids;
  for (const std::string& column : columns) ids.push_back(fields.add(column));
  RecordParser parser(fields, Checking::every_token);
  std::vector<Value> values(columns.size());
  std::set<std::size_t> unseen;
  for (std::size_t i = 0; i < columns.size(); ++i) unseen.insert(i);
  std::set<std::string> names;
  std::uint64_t rows = 0;
  each_object(text, settings, [&](std::uint64_t line, std::string_view object) {
    const Record& record = parsed(parser, line, object, settings);
    if (rows++ == 0) gather_names(object, names);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      values[i] = record[ids[i]];
      if (values[i].kind != Kind::missing) unseen.erase(i);
    }
    each(line, values);
    return true;
  });
  if (rows == 0 || unseen.empty()) return;
  const std::string& column = columns[*unseen.begin()];
  throw TableError(fmt::format("{}: no row has '{}'{}", settings.name, column, suggestion(column, names)));
}

}  // namespace weir::tables
