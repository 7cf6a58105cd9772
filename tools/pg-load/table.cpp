#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "exact_number.hpp"
#include "record/number.hpp"

namespace weir::pg_load {
namespace {

constexpr std::size_t most_shown = 40;

}  // namespace

Verdict value_reject(const Column& column, const Value& value, const ValueProblem& problem, Conversion& conversion) {
  std::size_t size = std::min(value.raw.size(), most_shown);
  while (size < value.raw.size() && size > 0 && (static_cast<unsigned char>(value.raw[size]) & 0xc0U) == 0x80U) --size;
  const bool is_time = column.kind == ColumnKind::time || column.kind == ColumnKind::date;
  const std::string clock_change = is_time ? conversion.times.clock_change_problem(value.text) : std::string();
  return Verdict::reject(fmt::format("{} {}{} {}", column.name, value.raw.substr(0, size),
                                     size < value.raw.size() ? "…" : "",
                                     clock_change.empty() ? problem.text : clock_change));
}

bool Part::may_have_doubles() const {
  std::vector<std::uint64_t> sorted = key_hashes;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

void Batch::refuse(const std::vector<Row>& taken_out, const std::string& reason) {
  for (const Row& row : taken_out) refused.push_back({row.line, std::string(raw_of(row)), reason});
  rows -= taken_out.size();
}

Table::Table(TableName name, UpsertKeys upsert, Naming naming)
    : name_(std::move(name)), upsert_(std::move(upsert)), naming_(naming), needed_(upsert_.keys) {
  if (!upsert_.newest.empty()) needed_.push_back(upsert_.newest);
  if (!upsert_.time.empty()) needed_.push_back(upsert_.time);
  index_columns();
}

const Column* Table::find(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  return found == by_name_.end() ? nullptr : &columns_[found->second];
}

std::vector<std::string> Table::layout_names() const {
  std::vector<std::string> names;
  for (const std::size_t column : layout_) names.push_back(columns_[column].name);
  return names;
}

std::optional<std::string> Table::problem_with(std::span<const Column> columns) const {
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    const auto named = [&](const Column& column) { return column.name == needed_[i]; };
    if (std::none_of(columns.begin(), columns.end(), named))
      return fmt::format("{}: {} has no column {}", asks_for(i), name_.text(), needed_[i]);
  }
  return std::nullopt;
}

void Table::set_columns(std::vector<Column> columns) {
  const std::vector<std::string> laid_out = layout_names();
  columns_ = std::move(columns);
  for (Column& column : columns_)
    if (stuck_.count(column.name) != 0) column.widens = false;
  layout_.clear();
  slot_of_column_.clear();
  index_columns();
  ++version_;
  for (const std::string& name : laid_out)
    if (const auto found = by_name_.find(name); found != by_name_.end()) slot_of(found->second);
}

void Table::add_columns(std::span<const Column> columns) {
  columns_.insert(columns_.end(), columns.begin(), columns.end());
  index_columns();
}

void Table::index_columns() {
  by_name_.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) by_name_.emplace(columns_[i].name, i);
  needed_columns_.clear();
  is_key_.assign(columns_.size(), 0);
  for (const std::string& name : needed_) {
    const auto found = by_name_.find(name);
    needed_columns_.push_back(found == by_name_.end() ? none : static_cast<std::ptrdiff_t>(found->second));
    if (found != by_name_.end() && needed_columns_.size() <= upsert_.keys.size()) is_key_[found->second] = 1;
  }
  slot_of_column_.resize(columns_.size(), none);
  shape_.clear();
}

void Table::set_kind(const std::string& column, ColumnKind kind, std::string_view type) {
  Column& changed = columns_[by_name_.at(column)];
  changed.kind = kind;
  changed.type = type;
}

void Table::forbid_widening(const std::string& column) {
  stuck_.insert(column);
  columns_[by_name_.at(column)].widens = false;
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
  const bool same =
      members.size() == shape_.size() &&
      std::equal(members.begin(), members.end(), shape_.begin(), [](const Member& member, const Placed& placed) {
        return member.raw_key == placed.raw_key && (placed.slot != not_made || !member.value.present());
      });
  if (same) return Verdict::ok();

  std::vector<std::ptrdiff_t> columns;  // no allocation on the hot path: shapes change seldom
  for (const Member& member : members) {
    const auto found = by_name_.find(std::string(member.key));
    if (found != by_name_.end() && !columns_[found->second].generated) {
      columns.push_back(static_cast<std::ptrdiff_t>(found->second));
      continue;
    }
    columns.push_back(extra == ExtraFields::add_columns ? not_made : none);
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
        {std::string(members[i].raw_key), columns[i] < 0 ? columns[i] : slot_of(static_cast<std::size_t>(columns[i]))});
  return Verdict::ok();
}

/// The option that needs a column.
const char* Table::asks_for(std::size_t needed) const {
  if (needed < upsert_.keys.size()) return "--upsert";
  return needed == upsert_.keys.size() && !upsert_.newest.empty() ? "--newest" : "--hypertable";
}

Verdict Table::missing_key(std::size_t needed, const Value* value) const {
  return Verdict::reject(fmt::format("{} is {}, and {} needs it", needed_[needed],
                                     value == nullptr ? "missing" : "null", asks_for(needed)));
}

Verdict Table::check(const Record& record, Conversion& conversion) {
  const auto members = record.members();
  for (std::size_t i = 0; i < needed_.size(); ++i) {
    const auto last =
        std::find_if(members.rbegin(), members.rend(), [&](const Member& each) { return each.key == needed_[i]; });
    if (last == members.rend() || !last->value.present())
      return missing_key(i, last == members.rend() ? nullptr : &last->value);
  }
  for (const Member& member : members) {
    const Column* const column = find(member.key);
    if (column == nullptr) continue;
    scratch_.clear();
    const ValueProblem problem = append_copy_value(scratch_, member.value, *column, conversion);
    if (problem && !(problem.is_inexact && column->widens))
      return value_reject(*column, member.value, problem, conversion);
  }
  return Verdict::ok();
}

Verdict Table::append_row(const Record& record, Part& part, Conversion& conversion, std::optional<Misfit>& misfit) {
  misfit.reset();
  slots_.assign(layout_.size(), nullptr);
  const auto members = record.members();
  bool any = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (shape_[i].slot < 0) continue;
    slots_[static_cast<std::size_t>(shape_[i].slot)] = &members[i].value;
    any = true;
  }
  if (!any) return Verdict::reject("no field of the record has a column");
  for (std::size_t i = 0; i < needed_columns_.size(); ++i) {
    const std::ptrdiff_t column = needed_columns_[i];
    const std::ptrdiff_t slot = column == none ? none : slot_of_column_[static_cast<std::size_t>(column)];
    const Value* const value = slot == none ? nullptr : slots_[static_cast<std::size_t>(slot)];
    if (value == nullptr || !value->present()) return missing_key(i, value);
  }
  const std::size_t start = part.text.size();
  const bool has_keys = !upsert_.keys.empty();
  if (has_keys) {
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
    } else if (const ValueProblem problem = append_copy_value(part.text, *slots_[i], column, conversion)) {
      if (!problem.is_inexact || !column.widens) {
        part.text.resize(start);
        misfit.reset();
        return value_reject(column, *slots_[i], problem, conversion);
      }
      misfit = Misfit{column.name, std::string(slots_[i]->text)};
    } else if (column.widens && column.kind == ColumnKind::integer && part.text.size() - field > 15 &&
               !pg_load::is_within_double(std::string_view(part.text).substr(field))) {
      large_.insert(column.name);
    }
    if (is_key_[layout_[i]] != 0)
      key_hash =
          key_hash * 0x9e3779b97f4a7c15U + std::hash<std::string_view>()(std::string_view(part.text).substr(field)) + 1;
  }
  if (misfit) {
    part.text.resize(start);
    return Verdict::ok();
  }
  if (has_keys) part.key_hashes.push_back(key_hash);
  part.text += '\n';
  part.rows.push_back({record.line_number(), start, 0, 0});
  return Verdict::ok();
}

std::vector<Row> take_out_columns(Part& part, const std::set<std::string>& names) {
  std::vector<bool> out;
  std::vector<std::string> kept;
  const bool has_order = !part.key_hashes.empty();
  if (has_order) out.push_back(false);
  for (const std::string& column : part.columns) {
    out.push_back(names.count(column) != 0);
    if (!out.back()) kept.push_back(column);
  }
  Part left;
  std::vector<Row> taken;
  for (std::size_t i = 0; i < part.rows.size(); ++i) {
    Row row = part.rows[i];
    std::string_view fields = part.text_of(i, i + 1);
    fields.remove_suffix(1);
    std::string text;
    bool has_value = false;
    for (std::size_t at = 0; at < out.size(); ++at) {
      const auto tab = std::min(fields.find('\t'), fields.size());
      std::string_view field = fields.substr(0, tab);
      fields.remove_prefix(std::min(tab + 1, fields.size()));
      if (out[at]) {
        has_value = has_value || field != "\\N";
        continue;
      }
      if (at > 0) text += '\t';
      if (at == 0 && has_order) {
        append_number(text, static_cast<std::uint64_t>(left.rows.size()));
      } else {
        text += field;
      }
    }
    if (has_value || kept.empty()) {
      taken.push_back(row);
      continue;
    }
    row.text = left.text.size();
    left.rows.push_back(row);
    left.text += text + '\n';
    if (has_order) left.key_hashes.push_back(part.key_hashes[i]);
  }
  part.columns = std::move(kept);
  part.text = std::move(left.text);
  part.rows = std::move(left.rows);
  part.key_hashes = std::move(left.key_hashes);
  return taken;
}

}  // namespace weir::pg_load
