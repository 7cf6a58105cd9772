#include "flux_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "influx/answer.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::influx_query {
namespace {

std::vector<std::string> texts_of(std::span<const std::string_view> cells) { return {cells.begin(), cells.end()}; }

/// The server ends lines with CR LF within a text, too, and leaves out each CR that was in it.
std::string with_line_feeds(std::string_view text) {
  std::string made(text);
  for (std::size_t at = made.find("\r\n"); at != std::string::npos; at = made.find("\r\n", at)) made.erase(at, 1);
  return made;
}

bool is_not_finite(std::string_view text) {
  for (const std::string_view name : {"NaN", "+Inf", "-Inf", "Inf"})
    if (text == name) return true;
  return false;
}

bool is_error_header(std::span<const std::string_view> cells) {
  return std::find(cells.begin(), cells.end(), "error") != cells.end() &&
         std::find(cells.begin(), cells.end(), "reference") != cells.end();
}

}  // namespace

void FluxReader::fail(std::string_view what) const {
  throw AnswerError(fmt::format("line {} of the answer: {}", line_, what));
}

void FluxReader::feed(std::string_view bytes) {
  csv_.append(bytes);
  read_rows();
}

void FluxReader::finish() {
  csv_.finish();
  read_rows();
  if (is_error_) throw AnswerError("the server reports an error without a text");
}

void FluxReader::read_rows() {
  while (const csv::Row* row = csv_.next()) {
    line_ = row->line;
    if (row->problem != nullptr) fail(row->problem);
    read_row(*row);
  }
}

void FluxReader::read_row(const csv::Row& row) {
  const Cells cells = row.cells;
  const std::string_view annotation = cells.empty() ? std::string_view() : cells[0];
  if (annotation.starts_with('#')) {
    if (!header_is_next_) {
      types_.clear();
      defaults_.clear();
    }
    header_is_next_ = true;
    if (annotation == "#datatype") types_ = texts_of(cells);
    if (annotation == "#default") defaults_ = texts_of(cells);
    return;
  }
  if (is_error_) return read_error(cells);
  if (header_is_next_ || (cells.size() != columns_.size() && is_error_header(cells))) return read_header(cells);
  if (cells.size() != columns_.size())
    fail(fmt::format("there are {} cells, and the table has {} columns", cells.size(), columns_.size()));
  read_values(cells);
}

void FluxReader::read_header(Cells cells) {
  header_is_next_ = false;
  is_error_ = is_error_header(cells) && std::find(cells.begin(), cells.end(), "_time") == cells.end();
  if (is_error_) return;
  if (types_.size() != cells.size()) fail("not annotated CSV: " + influx::text_of(cells.empty() ? "" : cells[0]));
  const bool has_time = std::find(cells.begin(), cells.end(), "_time") != cells.end();
  const bool has_field = std::find(cells.begin(), cells.end(), "_field") != cells.end();
  columns_.assign(cells.size(), {});
  names_ = {};
  field_key_.clear();
  for (std::size_t at = 0; at < cells.size(); ++at) {
    Column& column = columns_[at];
    const std::string_view name = cells[at];
    const std::string_view type = types_[at];
    if (at < defaults_.size()) column.otherwise = defaults_[at];
    if (type == "double") column.type = Type::number;
    if (type == "long" || type == "unsignedLong") column.type = Type::whole;
    if (type == "boolean") column.type = Type::boolean;
    if (type.starts_with("dateTime")) column.type = Type::time;
    if (at == 0 || name == "result" || name == "table" || (has_time && (name == "_start" || name == "_stop")))
      column.use = Use::left_out;
    else if (name == "_time" && column.type == Type::time)
      column.use = Use::time;
    else if (name == "_measurement")
      column.use = Use::measurement;
    else if (name == "_field")
      column.use = Use::field;
    else if (name == "_value" && has_field)
      column.use = Use::value;
    else
      column.key = names_.key(name == "_value" ? "value" : name);
  }
}

void FluxReader::read_error(Cells cells) {
  const auto text = std::find_if(cells.begin(), cells.end(), [](std::string_view cell) { return !cell.empty(); });
  throw AnswerError("the server reports: " +
                    (text == cells.end() ? std::string("an error without a text") : influx::text_of(*text)));
}

void FluxReader::read_values(Cells cells) {
  writer_.begin();
  field_.clear();
  value_.clear();
  for (std::size_t at = 0; at < cells.size(); ++at) {
    const Column& column = columns_[at];
    if (column.use == Use::left_out) continue;
    const std::string_view cell = cells[at].empty() ? std::string_view(column.otherwise) : cells[at];
    if (cell.empty()) continue;  // null, or an empty text: the answer does not tell them apart
    if (column.use == Use::time) {
      const auto time = times_.parse(cell);
      if (time)
        writer_.time(*time);
      else
        writer_.wrong_time(cell);
      continue;
    }
    if (column.use == Use::field) {
      field_ = cell;
      continue;
    }
    token_.clear();
    append_token(column, cell);
    if (column.use == Use::measurement)
      writer_.measurement(token_);
    else if (column.use == Use::value)
      value_ = token_;
    else
      writer_.member(column.key, token_);
  }
  if (!value_.empty()) {
    if (field_key_.empty() || field_ != last_field_) {
      last_field_ = field_;
      field_key_ = ColumnNames(names_).key(field_.empty() ? "value" : field_);
    }
    writer_.member(field_key_, value_);
  }
  writer_.end();
}

void FluxReader::append_token(const Column& column, std::string_view cell) {
  switch (column.type) {
    case Type::number:
      if (is_not_finite(cell)) {
        ++not_finite_;
        token_ = "null";
        return;
      }
      [[fallthrough]];
    case Type::whole:
      if (!is_json_number(cell)) fail(fmt::format("'{}' is not a number", cell));
      token_ = cell;
      return;
    case Type::boolean:
      if (cell != "true" && cell != "false") fail(fmt::format("'{}' is neither true nor false", cell));
      token_ = cell;
      return;
    case Type::time: {
      const auto time = times_.parse(cell);
      if (!time) {
        writer_.wrong_time(cell);
        token_ = "null";
        return;
      }
      token_ = '"';
      append_time(token_, *time);
      token_ += '"';
      return;
    }
    case Type::text:
      if (!is_utf8(cell)) fail("a text is not UTF-8");
      append_json_string(token_, with_line_feeds(cell));
      return;
  }
}

}  // namespace weir::influx_query
