#include "growth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace weir::pg_load {
namespace {

auto named(const std::string& name) {
  return [&name](const Column& column) { return column.name == name; };
}

Column time_column(const std::string& name) {
  Column column;
  column.name = name;
  column.kind = ColumnKind::time;
  return column;
}

}  // namespace

void refuse_rows(const Table& table, Batch& batch, const std::string& reason) {
  for (Part& part : batch.parts) {
    if (part.table != &table) continue;
    batch.refuse(part.rows, reason);
    part.rows.clear();
    part.text.clear();
  }
}

/// The columns of --type, as the server understands them.
const GivenColumns& Growth::given() {
  if (!given_) {
    loader_.settle();
    given_ = catalog_.columns_of_types(settings_.types);
  }
  return *given_;
}

/// The columns to be made, or why the record cannot have them.
std::optional<Verdict> Growth::columns_for(const Entry& entry, const Record& record,
                                           const std::vector<const Member*>& missing, Conversion& conversion,
                                           std::vector<Column>& columns) {
  const bool is_new = entry.state == Entry::State::to_make && entry.table.columns().empty();
  if (is_new && settings_.time_field == "timestamp" && is_weather(record)) {
    for (const Column& column : weather_columns()) {
      const auto type = given().find(column.name);
      columns.push_back(type == given().end() ? column : type->second);
    }
  }
  std::string scratch;
  for (const Member* member : missing) {
    const std::string name(member->key);
    auto column = std::find_if(columns.begin(), columns.end(), named(name));
    if (column == columns.end()) {
      const auto type = given().find(name);
      const bool is_time = name == settings_.time_field;
      columns.push_back(type == given().end() ? column_for(*member, is_time, conversion.times) : type->second);
      column = columns.end() - 1;
      if (is_time && type == given().end() && column->kind != ColumnKind::time)
        return value_reject(time_column(name), member->value, {"is not a timestamp (--type FIELD=text takes it)"},
                            conversion);
    }
    scratch.clear();
    if (const ValueProblem problem = append_copy_value(scratch, member->value, *column, conversion);
        problem && !(problem.is_inexact && column->widens))
      return value_reject(*column, member->value, problem, conversion);
  }
  if (entry.table.columns().size() + columns.size() > settings_.max_columns)
    return Verdict::reject(fmt::format("more columns than --max-columns {}", settings_.max_columns));
  return std::nullopt;
}

Verdict Growth::add_columns(Entry& entry, const Record& record, const std::vector<const Member*>& missing,
                            Conversion& conversion) {
  if (Verdict verdict = entry.table.check(record, conversion); verdict.rejected()) return verdict;
  std::vector<Column> columns;
  if (auto verdict = columns_for(entry, record, missing, conversion, columns)) return std::move(*verdict);
  if (entry.state == Entry::State::to_make) {
    entry.table.add_columns(columns);
    return Verdict::ok();
  }
  loader_.settle();
  if (const auto refusal = catalog_.add_columns(entry.table.name(), columns)) return Verdict::reject(*refusal);
  reload(entry);
  return Verdict::ok();
}

Verdict Growth::widen(Entry& entry, const Misfit& misfit) {
  Table& table = entry.table;
  const Column& column = *table.find(misfit.column);
  if (column.kind == ColumnKind::time)
    return Verdict::reject(
        fmt::format("{} {} is finer than its column keeps; --round rounds it", misfit.column, misfit.number));
  const auto kind = wider_kind(column, misfit.number, table.is_within_double(misfit.column));
  if (!kind) return Verdict::reject(fmt::format("{} has a number that no type is widened for", misfit.column));
  const std::string to(type_of_kind(*kind));
  if (entry.state == Entry::State::to_make) {
    table.set_kind(misfit.column, *kind, to);
    return Verdict::ok();
  }
  loader_.settle();
  if (const auto refusal = catalog_.widen(table.name(), misfit.column, *kind, to)) {
    table.forbid_widening(misfit.column);
    return Verdict::reject(fmt::format("{} cannot become {}: {}", misfit.column, to, *refusal));
  }
  reload(entry);
  return Verdict::ok();
}

std::optional<std::string> Growth::apply_types(Entry& entry) {
  for (const Column& column : std::vector<Column>(entry.table.columns())) {
    if (!column.widens) continue;
    const auto type = given().find(column.name);
    if (type == given().end()) continue;
    if (type->second.kind != column.kind) {
      const auto refusal = catalog_.widen(entry.table.name(), column.name, type->second.kind, type->second.type);
      if (refusal) return fmt::format("--type: {} cannot become {}: {}", column.name, type->second.type, *refusal);
      reload(entry);
    }
    entry.table.forbid_widening(column.name);
  }
  return std::nullopt;
}

void Growth::make(Entry& entry, Batch& batch) {
  const auto is_row = [&](const Part& part) { return part.table == &entry.table && !part.rows.empty(); };
  if (std::none_of(batch.parts.begin(), batch.parts.end(), is_row)) return;
  loader_.settle();
  const Column* const time = entry.table.find(settings_.time_field);
  const bool has_time = time != nullptr && time->kind == ColumnKind::time;
  std::optional<std::string> refusal =
      catalog_.create(entry.table.name(), entry.table.columns(), has_time ? settings_.time_field : "");
  if (refusal) refusal = make_by_column(entry, batch);
  if (!refusal) {
    adopt(entry);
    refusal = catalog_.key_problem(entry.table.name());
  }
  if (!refusal) return;
  if (entry.table.naming() == Naming::option) throw std::runtime_error(*refusal);
  entry.state = Entry::State::unusable;
  entry.problem = *refusal;
  refuse_rows(entry.table, batch, *refusal);
}

/// Makes the table from those columns that the server takes, after it has refused them all together. Rows with a value
/// in another column are refused. Returns why there is no table at all.
std::optional<std::string> Growth::make_by_column(Entry& entry, Batch& batch) {
  const TableName& name = entry.table.name();
  const std::vector<std::string>& keys = entry.table.upsert().keys;
  std::vector<Column> base;
  std::vector<Column> others;
  for (const Column& column : entry.table.columns()) {
    const bool is_needed =
        std::find(keys.begin(), keys.end(), column.name) != keys.end() || column.name == entry.table.upsert().time;
    (is_needed ? base : others).push_back(column);
  }
  std::optional<std::string> refusal;
  bool is_made = false;
  if (!base.empty()) {
    if ((refusal = catalog_.create(name, base, ""))) return refusal;
    is_made = true;
  }
  std::map<std::string, std::string> refused;
  for (const Column& column : others) {
    refusal = is_made ? catalog_.add_columns(name, {&column, 1}) : catalog_.create(name, {&column, 1}, "");
    is_made = is_made || !refusal;
    if (refusal) refused.emplace(column.name, *refusal);
  }
  if (!is_made) return refusal;
  for (const auto& [column, reason] : refused)
    for (Part& part : batch.parts)
      if (part.table == &entry.table) batch.refuse(take_out_columns(part, {column}), reason);
  return std::nullopt;
}

/// Takes the table as the server has it. Another pg-load may have made it at the same time, from other records.
void Growth::adopt(Entry& entry) {
  const std::vector<Column> wanted = entry.table.columns();
  reload(entry);
  for (const Column& column : wanted)
    if (entry.table.find(column.name) == nullptr) catalog_.add_columns(entry.table.name(), {&column, 1});
  reload(entry);
  for (const Column& column : wanted) {
    const Column* const there = entry.table.find(column.name);
    if (there != nullptr && there->widens && is_wider(column.kind, there->kind))
      catalog_.widen(entry.table.name(), column.name, column.kind, column.type);
  }
  reload(entry);
  entry.state = Entry::State::there;
}

void Growth::reload(Entry& entry) {
  FoundTable found = catalog_.find(entry.table.name());
  if (!found.columns) throw std::runtime_error(fmt::format("the table {} is gone", entry.table.name().text()));
  entry.table.set_columns(std::move(*found.columns));
}

}  // namespace weir::pg_load
