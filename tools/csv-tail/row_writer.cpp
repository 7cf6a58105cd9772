#include "row_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <unordered_set>

#include "record/control_key.hpp"
#include "record/field_watch.hpp"
#include "record/group_key.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/time_field.hpp"
#include "short_cell.hpp"

namespace weir::csv_tail {
namespace {

/// Most rows are short and ASCII: told here without a call of the library that checks UTF-8.
bool is_ascii(std::string_view text) {
  std::uint64_t bits = 0;
  std::uint64_t eight = 0;
  std::size_t at = 0;
  for (; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    bits |= eight;
  }
  for (; at < text.size(); ++at) bits |= static_cast<unsigned char>(text[at]);
  return (bits & 0x80'80'80'80'80'80'80'80) == 0;
}

/// Whether it may be `+5`, `.5`, `-.5` or `5.`, which are numbers, though not JSON's.
bool is_loose_number(std::string_view cell) {
  return cell.front() == '+' || cell.front() == '.' || cell.back() == '.' || cell.starts_with("-.");
}

/// As is_json_number(); short numbers are told in place.
[[gnu::flatten]] bool is_number(std::string_view cell) {
  double value = 0;
  return scan_short_number(cell.data(), cell.size(), value) || is_json_number(cell);
}

void add_plain(std::string_view cell, LineBuffer& line) {
  if (cell.empty()) {
    line.add("null");
  } else if (may_begin_number(cell.front()) && is_number(cell)) {
    line.add(cell);
  } else if (!is_loose_number(cell) || !CellRules().append_number(cell, line.flushed())) {
    line.add_json_string(cell);
  }
}

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// The place of a column that an option names. Throws std::runtime_error when it is not there.
std::size_t place_of(const std::string& name, const char* option, std::span<const std::string> columns) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw std::runtime_error(std::string(option) + " names the column '" + name +
                             "', which the header row does not have" +
                             suggestion(name, {columns.begin(), columns.end()}));
  return static_cast<std::size_t>(found - columns.begin());
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

RowWriter::RowWriter(const RowSettings& settings, std::span<const std::string> columns, SourceTime* time,
                     KeyTable<RowOrder>& orders)
    : settings_(&settings),
      columns_(columns.size()),
      time_(time),
      orders_(&orders),
      makes_time_(!settings.time_columns.empty()),
      time_names_(settings.time_columns) {
  if (time_ != nullptr) find_time_columns(columns);
  for (const std::string& name : settings.by) key_columns_.push_back(place_of(name, "--by", columns));
  std::vector<bool> kept(columns.size(), settings.only.empty());
  for (const std::string& name : settings.only) kept[place_of(name, "--only", columns)] = true;
  if (makes_time_) kept[time_columns_[0]] = true;
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!kept[i]) continue;
    std::string name = columns[i];
    for (const auto& [old_name, new_name] : settings.renames)
      if (old_name == columns[i]) name = new_name;
    if (name == control_key) throw std::runtime_error("a column is named @ctl, which is kept for control lines");
    if (!names.insert(name).second) throw std::runtime_error("--rename gives two columns the name '" + name + "'");
    add_field(name, i, contains(settings.text, columns[i]));
  }
  find_short_fields();
}

void RowWriter::add_field(const std::string& name, std::size_t column, bool text) {
  std::string key(fields_.empty() ? "{" : ",");
  append_json_string(key, name);
  Cells cells = settings_->cells.plain() ? Cells::plain : Cells::by_rules;
  if (text) cells = Cells::text;
  if (makes_time_ && column == time_columns_[0]) cells = Cells::time;
  fields_.push_back({key += ':', column, cells});
}

void RowWriter::find_short_fields() {
  short_room_ = 2;  // the line's end
  for (const Field& field : fields_) {
    ShortField few{.key = {},
                   .key_size = static_cast<std::uint32_t>(field.key.size()),
                   .column = static_cast<std::uint32_t>(field.column)};
    short_room_ += ShortField::most + short_cell_room;
    if (field.cells != Cells::plain || few.key_size > ShortField::most || short_room_ > LineBuffer::capacity)
      return short_fields_.clear();
    field.key.copy(few.key.data(), few.key_size);
    short_fields_.push_back(few);
  }
}

bool RowWriter::keeps(std::size_t column) const {
  return std::any_of(fields_.begin(), fields_.end(), [=](const Field& field) { return field.column == column; });
}

void RowWriter::find_time_columns(std::span<const std::string> columns) {
  if (!makes_time_) {
    for (const std::string_view name : usual_time_fields)
      if (time_names_.empty() && std::find(columns.begin(), columns.end(), name) != columns.end())
        time_names_.emplace_back(name);
    if (time_names_.empty())
      throw std::runtime_error("--max-future needs a time: --time names its column, the columns are " +
                               joined(columns));
  }
  for (const std::string& name : time_names_) time_columns_.push_back(place_of(name, "--time", columns));
}

/// Joins the cells of the time into written_. Returns the name of a column whose cell is empty, or nothing.
std::string RowWriter::join_time(const csv::Row& row) {
  const CellRules& rules = settings_->cells;
  written_.clear();
  for (std::size_t i = 0; i < time_columns_.size(); ++i) {
    const std::size_t column = time_columns_[i];
    if (column >= row.cells.size() || row.cells[column].empty() || rules.is_null(row.cells[column]))
      return time_names_[i];
    if (i > 0) written_ += ' ';
    number_.clear();
    written_ += rules.decimal != '.' && rules.append_number(row.cells[column], number_) ? number_ : row.cells[column];
  }
  return {};
}

/// Finds the order of the row's key; a new key begins one.
Verdict RowWriter::find_order(const csv::Row& row, RowOrder*& order) {
  static constexpr char between = '\x1f';
  key_.clear();
  for (const std::size_t column : key_columns_) {
    if (column < row.cells.size()) key_ += row.cells[column];
    if (key_columns_.size() > 1) key_ += between;
  }
  if (key_.size() > GroupKey::max_size) return Verdict::reject("the key is longer than 4096 bytes");
  const KeyId id = orders_->find_or_add(key_);
  if (id == KeyTable<RowOrder>::full) return GroupKey::refuse_new(orders_->size());
  order = &(*orders_)[id];
  order->series = Series::one;
  return Verdict::ok();
}

/// Reads the record's time from its cells, and compares it with the clock.
Verdict RowWriter::read_time(const csv::Row& row) {
  if (const std::string empty = join_time(row); !empty.empty())
    return makes_time_ ? Verdict::reject("no usable time: " + empty + " is empty") : Verdict::ok();
  RowOrder* order = nullptr;
  if (!key_columns_.empty())
    if (Verdict verdict = find_order(row, order); verdict.rejected()) return verdict;
  const auto time = order != nullptr ? time_->read(written_, *order) : time_->read(written_);
  if (!time && !makes_time_) return Verdict::ok();
  if (!time) return Verdict::reject("no usable time: " + time_names_[0] + " " + time_->problem(written_));
  if (settings_->max_future)
    if (const std::string problem = ahead_of_clock(*time, settings_->clock(), settings_->max_future); !problem.empty())
      return Verdict::reject(time_names_[0] + ' ' + problem);
  if (!makes_time_) return Verdict::ok();
  timestamp_ = '"';
  append_time(timestamp_, *time);
  timestamp_ += '"';
  return Verdict::ok();
}

Verdict RowWriter::write(const csv::Row& row, LineBuffer& line) {
  const bool fits = row.cells.size() == columns_;
  if (!fits && settings_->ragged == Ragged::rejected)
    return Verdict::reject(std::to_string(row.cells.size()) + (row.cells.size() == 1 ? " cell" : " cells") +
                           " where the header has " + std::to_string(columns_) + " (--ragged takes the row)");
  if (!row.ascii && !is_ascii(row.raw) && !is_utf8(row.raw))
    return Verdict::reject(settings_->encoding.empty() ? "not UTF-8 (--encoding names another encoding)"
                                                       : "not " + settings_->encoding + " (--encoding)");
  if (time_ != nullptr)
    if (Verdict verdict = read_time(row); verdict.rejected()) return verdict;
  if (fits && !short_fields_.empty()) {
    write_short(row, line);
    return Verdict::ok();
  }
  for (const Field& field : fields_) add_cells(field, row, line);
  if (row.cells.size() > columns_ && settings_->only.empty()) add_too_many(row, line);
  line.add("}\n");
  return Verdict::ok();
}

/// A line of short fields: mostly the cells are short, too.
void RowWriter::write_short(const csv::Row& row, LineBuffer& line) const {
  char* to = line.place(short_room_);
  const std::string_view* const cells = row.cells.data();
  for (const ShortField& field : short_fields_) {
    std::memcpy(to, field.key.data(), ShortField::most);
    to += field.key_size;
    const std::string_view cell = cells[field.column];
    if (char* const end = write_short_cell(to, cell)) {
      to = end;
      continue;
    }
    line.placed(to);
    add_plain(cell, line);
    to = line.place(short_room_);
  }
  std::memcpy(to, "}\n", 2);
  line.placed(to + 2);
}

void RowWriter::add_cells(const Field& field, const csv::Row& row, LineBuffer& line) const {
  line.add(field.key);
  if (field.column >= row.cells.size())
    line.add("null");
  else if (field.cells == Cells::plain)
    add_plain(row.cells[field.column], line);
  else if (field.cells == Cells::time)
    line.add(timestamp_);
  else
    add_by_rules(field.cells == Cells::text, row.cells[field.column], line);
}

void RowWriter::add_by_rules(bool text, std::string_view cell, LineBuffer& line) const {
  const CellRules& rules = settings_->cells;
  if (cell.empty() || rules.is_null(cell)) {
    line.add("null");
  } else if (text || !may_begin_number(cell.front(), rules.decimal) || !rules.append_number(cell, line.flushed())) {
    line.add_json_string(cell);
  }
}

/// Adds fields of their own for those cells after the header's that are not empty.
void RowWriter::add_too_many(const csv::Row& row, LineBuffer& line) const {
  for (std::size_t i = columns_; i < row.cells.size(); ++i) {
    if (row.cells[i].empty()) continue;
    std::string key(",\"column_" + std::to_string(i + 1) + "\":");
    const auto is_taken = [&](const Field& field) { return field.key == key; };
    while (std::any_of(fields_.begin(), fields_.end(), is_taken)) key.insert(key.size() - 2, 1, '_');
    line.add(key);
    add_by_rules(false, row.cells[i], line);
  }
}

}  // namespace weir::csv_tail
