#include "row_builder.hpp"

#include <algorithm>

#include "csv/cell.hpp"

namespace weir::csv_append {

RowBuilder::RowBuilder(std::vector<std::string> columns, char delimiter, ExtraFields extra)
    : columns_(std::move(columns)), values_(columns_.size()), delimiter_(delimiter), extra_(extra) {
  for (std::size_t i = 0; i < columns_.size(); ++i) index_.emplace(columns_[i], i);
}

std::vector<std::string> RowBuilder::names_of(const Record& record) {
  std::vector<std::string> names;
  for (const Member& member : record.members())
    if (std::find(names.begin(), names.end(), member.key) == names.end()) names.emplace_back(member.key);
  return names;
}

void RowBuilder::append_header(std::string& out) const {
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out += delimiter_;
    csv::append_cell(out, columns_[i], delimiter_);
  }
  end_row(begin, out);
}

void RowBuilder::append_value(const Value& value, std::string& out) const {
  switch (value.kind) {
    case Kind::missing:
    case Kind::null:
      return;
    case Kind::boolean:
    case Kind::number:
      out += value.raw;
      return;
    case Kind::string:
      csv::append_cell(out, value.text, delimiter_);
      return;
    case Kind::object:
    case Kind::array:
      csv::append_cell(out, value.raw, delimiter_);
      return;
  }
}

void RowBuilder::end_row(std::size_t begin, std::string& out) const {
  // One empty cell would be a blank line, which readers pass over.
  if (out.size() == begin) out += "\"\"";
  out += '\n';
}

Verdict RowBuilder::append(const Record& record, std::string& out) {
  const auto members = record.members();
  const std::size_t begin = out.size();
  const bool in_order =
      std::equal(members.begin(), members.end(), columns_.begin(), columns_.end(),
                 [](const Member& member, const std::string& column) { return member.key == column; });
  if (in_order) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += delimiter_;
      append_value(members[i].value, out);
    }
    end_row(begin, out);
    return Verdict::ok();
  }
  std::fill(values_.begin(), values_.end(), nullptr);
  std::size_t used = 0;
  for (const Member& member : members) {
    const auto found = index_.find(member.key);
    if (found == index_.end() && extra_ == ExtraFields::ignored) continue;
    if (found == index_.end())
      return Verdict::reject("the field '" + std::string(member.key) +
                             "' is not in the header (--columns fixes it from the start, --ignore-extra leaves such "
                             "fields out)");
    ++used;
    values_[found->second] = &member.value;  // of members with the same name the last counts
  }
  if (used == 0 && !members.empty()) return Verdict::reject("none of its fields is in the header");
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (i > 0) out += delimiter_;
    if (values_[i] != nullptr) append_value(*values_[i], out);
  }
  end_row(begin, out);
  return Verdict::ok();
}

}  // namespace weir::csv_append
