#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "copy_text.hpp"
#include "record/number.hpp"

namespace weir::pg_load {

bool Part::may_have_doubles() const {
  std::vector<std::uint64_t> sorted = key_hashes;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

std::vector<std::string> Table::layout_names() const {
  std::vector<std::string> names;
  for (const std::size_t column : layout_) names.push_back(columns_[column].name);
  return names;
}

void Table::set_columns(std::vector<Column> columns) {
  const std::vector<std::string> laid_out = layout_names();
  columns_ = std::move(columns);
  by_name_.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) by_name_.emplace(columns_[i].name, i);
  key_columns_.clear();
  is_key_.assign(columns_.size(), 0);
  for (const std::string& key : keys_) {
    const auto found = by_name_.find(key);
    if (found == by_name_.end())
      throw std::runtime_error(fmt::format("--upsert: {} has no column {}", name_.text(), key));
    key_columns_.push_back(found->second);
    is_key_[found->second] = 1;
  }
  slot_of_column_.assign(columns_.size(), none);
  layout_.clear();
  shape_.clear();
  ++version_;
  for (const std::string& name : laid_out)
    if (const auto found = by_name_.find(name); found != by_name_.end()) slot_of(found->second);
}

std::ptrdiff_t Table::slot_of(std::size_t column) {
  std::ptrdiff_t& slot = slot_of_column_[column];
  if (slot == none) {
    slot = static_cast<std::ptrdiff_t>(layout_.size());
    layout_.push_back(column);
    ++version_;
  }
  return slot;
}

Verdict Table::place(const Record& record, ExtraFields extra, std::vector<const Member*>& missing) {
  missing.clear();
  const auto members = record.members();
  const bool same = members.size() == shape_.size() && std::equal(members.begin(), members.end(), shape_.begin(),
                                                                  [](const Member& member, const Placed& placed) {
                                                                    return member.raw_key == placed.raw_key;
                                                                  });
  if (same) return Verdict::ok();

  std::vector<std::ptrdiff_t> columns;  // no allocation on the hot path: shapes change seldom
  for (const Member& member : members) {
    const auto found = by_name_.find(std::string(member.key));
    if (found != by_name_.end() && !columns_[found->second].generated) {
      columns.push_back(static_cast<std::ptrdiff_t>(found->second));
      continue;
    }
    columns.push_back(none);
    if (extra == ExtraFields::ignore) continue;
    const bool exists = found != by_name_.end();
    if (extra == ExtraFields::reject || exists)
      return Verdict::reject(exists ? fmt::format("the column {} is computed by the server", member.key)
                                    : fmt::format("{} has no column {}", name_.text(), member.key));
    if (const char* problem = column_name_problem(member.key)) return Verdict::reject(problem);
    if (member.value.present()) missing.push_back(&member);
  }
  shape_.clear();
  if (!missing.empty()) return Verdict::ok();
  for (std::size_t i = 0; i < columns.size(); ++i)
    shape_.push_back(
        {std::string(members[i].raw_key), columns[i] == none ? none : slot_of(static_cast<std::size_t>(columns[i]))});
  return Verdict::ok();
}

Verdict Table::append_row(const Record& record, Part& part, TimeParser& times) {
  slots_.assign(layout_.size(), nullptr);
  const auto members = record.members();
  bool any = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (shape_[i].slot == none) continue;
    slots_[static_cast<std::size_t>(shape_[i].slot)] = &members[i].value;
    any = true;
  }
  if (!any) return Verdict::reject("no field of the record has a column");
  for (const std::size_t key : key_columns_) {
    const std::ptrdiff_t slot = slot_of_column_[key];
    const Value* const value = slot == none ? nullptr : slots_[static_cast<std::size_t>(slot)];
    if (value == nullptr || !value->present())
      return Verdict::reject(
          fmt::format("{} is {}, and --upsert needs it", columns_[key].name, value == nullptr ? "missing" : "null"));
  }
  const std::size_t start = part.text.size();
  if (!key_columns_.empty()) {
    // The order of the rows, for "the last record of a key wins".
    append_number(part.text, static_cast<std::uint64_t>(part.rows.size()));
    part.text += '\t';
  }
  std::uint64_t key_hash = 0;
  for (std::size_t i = 0; i < layout_.size(); ++i) {
    if (i > 0) part.text += '\t';
    const std::size_t field = part.text.size();
    const Column& column = columns_[layout_[i]];
    if (slots_[i] == nullptr) {
      part.text += "\\N";
    } else if (const char* problem = append_copy_value(part.text, *slots_[i], column.kind, times)) {
      part.text.resize(start);
      return Verdict::reject(fmt::format("{} {}", column.name, problem));
    }
    if (is_key_[layout_[i]] != 0)
      key_hash =
          key_hash * 0x9e3779b97f4a7c15U + std::hash<std::string_view>()(std::string_view(part.text).substr(field)) + 1;
  }
  if (!key_columns_.empty()) part.key_hashes.push_back(key_hash);
  part.text += '\n';
  part.rows.push_back({record.line_number(), start, 0, 0});
  return Verdict::ok();
}

}  // namespace weir::pg_load
