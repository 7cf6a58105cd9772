#include "row_records.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "csv/header.hpp"
#include "header_row.hpp"
#include "record/counted.hpp"
#include "record/field_watch.hpp"
#include "record/json_text.hpp"

namespace weir::csv_tail {
namespace {

/// Rows of a file that are looked at for text that an option would read.
constexpr std::uint64_t rows_looked_at = 1000;

std::string reason_of(const csv::Row& row) {
  return std::string_view(row.problem) == csv::stray_quote
             ? std::string(row.problem) + " (--lazy-quotes takes it as text)"
             : row.problem;
}

}  // namespace

std::string TableMemory::summary() const {
  return CountReport()
      .add(repeated_headers, "repeated header", "left out")
      .add(ragged_rows, "row", "with fewer or more cells than the header")
      .text();
}

RowRecords::RowRecords(const RowSettings& settings, std::string name, SourceHost& host, TableMemory& memory)
    : settings_(settings),
      name_(std::move(name)),
      host_(host),
      memory_(memory),
      reader_(settings.format, settings.encoding) {
  if (!settings.time_columns.empty() || settings.max_future) time_.emplace(settings.time, memory.order);
}

void RowRecords::take(Output& out) { take(out.lines, out.wanted); }

void RowRecords::take(std::string& lines, std::uint64_t wanted) {
  more_ = false;
  LineBuffer line(lines);
  while (const csv::Row* row = next_row()) {
    if (next_ != Next::row && !begins_data(*row)) continue;
    if (mark_) mark_->add(*row, reader_.delimiter());
    if (skip_to_ > 0) {
      reader_.settle();
      if (reader_.consumed() <= skip_to_) continue;
      skip_to_ = 0;
    }
    if (row->problem != nullptr) {
      line.flushed();  // rejecting may end the run
      host_.reject(row->line, row->raw, reason_of(*row));
    } else if (is_header(*row)) {
      if (memory_.repeated_headers++ == 0)
        warn(row->line, "the header row is repeated; it and later ones are left out");
    } else if (const Verdict verdict = writer_.write(*row, line); verdict.rejected()) {
      line.flushed();
      host_.reject(row->line, row->raw, verdict.reason());
    } else {
      if (looks_ > 0) look_at(*row);
      if (time_ && !settings_.time_columns.empty()) report_fold(*row);
      if (--wanted > 0) continue;
      more_ = true;
      break;
    }
  }
  line.flushed();
  reader_.settle();
}

/// Lines to skip are not rows, but where a known table may go on at once they are looked at as such.
const csv::Row* RowRecords::next_row() {
  const bool lines = next_ == Next::line_to_skip && settings_.skip_lines > 0 && memory_.header.empty();
  return lines ? reader_.next_line() : reader_.next();
}

/// Takes what comes before the data. True when the row is data.
bool RowRecords::begins_data(const csv::Row& row) {
  if (next_ == Next::line_to_skip) {
    if (row.line <= settings_.skip_lines && !continues(row)) {
      if (row.line == settings_.skip_lines) next_ = Next::first_row;
      return false;
    }
    next_ = Next::first_row;
  }
  if (const auto delimiter = named_delimiter(row.raw)) {
    reader_.set_delimiter(*delimiter);
    return false;
  }
  next_ = Next::row;
  if (!settings_.columns.empty()) {
    set_header(settings_.columns);
    return true;
  }
  if (!memory_.header.empty() && (row.problem != nullptr || continues(row))) {
    warn(row.line, "the first row is not a header: the columns known so far are kept");
    set_header(memory_.header);
    return true;
  }
  take_header(row);
  return false;
}

bool RowRecords::continues(const csv::Row& row) { return continues_table(row.cells, memory_.header); }

void RowRecords::take_header(const csv::Row& row) {
  const std::string where = at_line(row.line) + ": the header row: ";
  if (row.problem != nullptr) throw std::runtime_error(where + reason_of(row));
  if (!is_utf8(row.raw)) throw std::runtime_error(where + "not UTF-8 (--encoding names another encoding)");
  if (is_data(row.cells))
    throw std::runtime_error(where +
                             "numbers and times in place of names: --columns names the columns of a file without "
                             "a header row (and --skip-lines passes over this one)");
  if (const auto data = std::find_if(row.cells.begin(), row.cells.end(), looks_like_data); data != row.cells.end())
    warn(row.line, "the header row has '" + std::string(*data) +
                       "' in place of a name; --columns names the columns of a file without a header row");
  if (const std::string delimiter = likelier_delimiter(row, reader_.delimiter()); !delimiter.empty())
    warn(row.line, "the header row has " + counted(row.cells.size(), "column") + ", the first '" +
                       std::string(row.cells[0]) + "': is --delimiter " + delimiter + " meant?");
  set_header({row.cells.begin(), row.cells.end()});
  const std::vector<std::string> names = csv::column_names(row.cells);
  const auto look_for = [&](const std::string& column, const char* option) {
    if (std::find(names.begin(), names.end(), column) != names.end()) return;
    const std::string message = std::string(option) + " names the column '" + column +
                                "', which the header row does not have" +
                                suggestion(column, {names.begin(), names.end()});
    if (settings_.strict) throw std::runtime_error(at_line(row.line) + ": " + message + " (--strict)");
    warn(row.line, message);
  };
  for (const std::string& column : settings_.text) look_for(column, "--text");
  for (const auto& [column, field] : settings_.renames) look_for(column, "--rename");
}

void RowRecords::set_header(std::vector<std::string> cells) {
  header_ = std::move(cells);
  const std::vector<std::string_view> views(header_.begin(), header_.end());
  writer_ = RowWriter(settings_, csv::column_names(views), time_ ? &*time_ : nullptr, memory_.orders);
  looks_ = rows_looked_at;
  memory_.header = header_;
}

bool RowRecords::is_header(const csv::Row& row) const {
  return row.cells.front() == header_.front() &&
         std::equal(row.cells.begin(), row.cells.end(), header_.begin(), header_.end());
}

/// Names the option that a cell asks for, once.
void RowRecords::look_at(const csv::Row& row) {
  --looks_;
  if (memory_.hint_given || !settings_.cells.plain()) return;
  for (std::size_t i = 0; i < row.cells.size() && i < header_.size(); ++i) {
    const std::string advice = advice_for(row.cells[i]);
    if (advice.empty() || !writer_.keeps(i) ||
        std::find(settings_.text.begin(), settings_.text.end(), header_[i]) != settings_.text.end())
      continue;
    memory_.hint_given = true;
    warn(row.line, '\'' + std::string(row.cells[i]) + "' in " + header_[i] + " stays text: " + advice);
    return;
  }
}

/// Reports the first time that comes twice of which no row before tells for sure which it is.
void RowRecords::report_fold(const csv::Row& row) {
  const LocalTimes::Result result = time_->result();
  const bool guessed = result == LocalTimes::Result::guessed;
  if (!guessed && result != LocalTimes::Result::repeated) return;
  if (std::exchange(guessed ? memory_.guess_reported : memory_.repeat_reported, true)) return;
  std::string text = "its time comes twice in " + settings_.time.zone;
  text += guessed ? ", and no row before tells which it is: the first is taken (--fold"
                  : ", and the row before has it too: the second is taken (--fold";
  warn(row.line, text + (settings_.by.empty() ? "; --by where rows are of several series)" : ")"));
}

std::string RowRecords::at_line(std::uint64_t line) const {
  return (name_.empty() ? "" : name_ + ": ") + "line " + std::to_string(line);
}

void RowRecords::warn(std::uint64_t line, const std::string& message) {
  host_.log().warn(at_line(line) + ": " + message);
}

void RowRecords::finish(Output& out) {
  reader_.finish();
  take(out.lines, std::numeric_limits<std::uint64_t>::max());
}

void RowRecords::restart() {
  reader_.reset();
  header_.clear();
  writer_ = {};
  next_ = Next::line_to_skip;
  skip_to_ = 0;
  if (mark_) mark_.emplace();
  more_ = false;
}

void RowRecords::state(StateArchive& archive) {
  archive.values(reader_, skip_to_, next_, header_);
  if (archive.loading() && !header_.empty()) set_header(header_);
}

}  // namespace weir::csv_tail
