#include "row_records.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

#include "csv/header.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::csv_tail {
namespace {

bool may_begin_number(char c) { return c == '-' || (c >= '0' && c <= '9'); }

}  // namespace

RowWriter::RowWriter(std::span<const std::string> columns) {
  if (!columns.empty() && columns.front() == "@ctl")
    throw std::runtime_error("the first column is named @ctl, which is kept for control lines");
  for (const std::string& name : columns) {
    std::string key(keys_.empty() ? "{" : ",");
    append_json_string(key, name);
    keys_.push_back(std::move(key += ':'));
  }
}

Verdict RowWriter::write(const csv::Row& row, std::string& out) const {
  if (row.cells.size() != keys_.size())
    return Verdict::reject(std::to_string(row.cells.size()) + (row.cells.size() == 1 ? " cell" : " cells") +
                           " where the header has " + std::to_string(keys_.size()));
  if (!is_utf8(row.raw)) return Verdict::reject("not UTF-8");
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::string_view cell = row.cells[i];
    out += keys_[i];
    if (cell.empty()) {
      out += "null";
    } else if (may_begin_number(cell.front()) && is_json_number(cell)) {
      out += cell;
    } else {
      append_json_string(out, cell);
    }
  }
  out += "}\n";
  return Verdict::ok();
}

RowRecords::RowRecords(const RowSettings& settings, std::string name, RejectLog& rejects)
    : settings_(settings),
      name_(std::move(name)),
      rejects_(rejects),
      reader_(settings.format),
      writer_(settings.columns) {}

void RowRecords::take(Output& out) { take(out.lines, out.wanted); }

void RowRecords::take(std::string& lines, std::uint64_t wanted) {
  more_ = false;
  while (const csv::Row* row = reader_.next()) {
    if (writer_.empty()) {
      take_header(*row);
      continue;
    }
    if (reader_.consumed() <= skip_to_) continue;
    if (row->problem != nullptr) {
      rejects_.reject(row->line, row->raw, row->problem);
    } else if (const Verdict verdict = writer_.write(*row, lines); verdict.rejected()) {
      rejects_.reject(row->line, row->raw, verdict.reason());
    } else if (--wanted == 0) {
      more_ = true;
      return;
    }
  }
}

void RowRecords::finish(Output& out) {
  reader_.finish();
  take(out.lines, std::numeric_limits<std::uint64_t>::max());
}

void RowRecords::restart() {
  reader_.reset();
  columns_.clear();
  writer_ = RowWriter(settings_.columns);
  skip_to_ = 0;
  more_ = false;
}

void RowRecords::take_header(const csv::Row& row) {
  const std::string where =
      (name_.empty() ? "" : name_ + ": ") + "line " + std::to_string(row.line) + ": the header row: ";
  if (row.problem != nullptr) throw std::runtime_error(where + row.problem);
  if (!is_utf8(row.raw)) throw std::runtime_error(where + "not UTF-8");
  columns_ = csv::column_names(row.cells);
  writer_ = RowWriter(columns_);
}

void RowRecords::state(StateArchive& archive) {
  archive.values(reader_, skip_to_, columns_);
  if (archive.loading()) writer_ = RowWriter(columns_.empty() ? settings_.columns : columns_);
}

}  // namespace weir::csv_tail
