#include "staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace weir::pg_load {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool has_column(const Table& table, const std::string& name) {
  return std::any_of(table.columns().begin(), table.columns().end(),
                     [&](const Column& column) { return column.name == name; });
}

}  // namespace

Destination Staging::destination_of(const Part& part) const {
  const db::Connection& server = session_.connection();
  const Table& table = *part.table;
  Destination destination;
  destination.table = session_.quoted(table.name());
  destination.copied_relation = table.name().relation;
  for (const std::string& column : part.columns) destination.columns.push_back(server.identifier(column));
  for (const std::string& key : table.keys()) destination.keys.push_back(server.identifier(key));
  if (destination.keys.empty()) return destination;
  for (const Column& column : table.columns()) {
    if (holds(part.columns, column.name) && !holds(table.keys(), column.name) && !column.identity_always)
      destination.updated.push_back(server.identifier(column.name));
  }
  const Stage& stage = stages_.at({&table, part.version});
  destination.stage = "pg_temp." + server.identifier(stage.name);
  destination.order = server.identifier(stage.order);
  destination.copied_relation = stage.name;
  return destination;
}

void Staging::prepare(const Batch& batch) {
  if (connection_ != session_.number()) stages_.clear();
  connection_ = session_.number();
  db::Connection& server = session_.connection();
  for (const Part& part : batch.parts) {
    const Table& table = *part.table;
    if (table.keys().empty()) continue;
    const Key key{&table, part.version};
    const auto [found, added] = stages_.try_emplace(key);
    if (!added) continue;
    Stage& stage = found->second;
    stage.name = fmt::format("weir_stage_{}", ++made_);
    stage.order = "weir_order";
    while (has_column(table, stage.order)) stage.order += '_';
    std::vector<std::string> others;
    for (const Column& column : table.columns())
      if (!holds(part.columns, column.name)) others.push_back(server.identifier(column.name));
    try {
      server.query(stage_statements(destination_of(part), others));
    } catch (const db::ServerError&) {
      stages_.erase(found);
      throw;
    }
    drop_outgrown(key, batch);
  }
}

/// Drops the staging tables of earlier layouts of a table, but those that the batch still uses.
void Staging::drop_outgrown(const Key& current, const Batch& batch) {
  const auto end = stages_.find(current);
  for (auto old = stages_.lower_bound({current.first, 0}); old != end;) {
    const bool in_use = std::any_of(batch.parts.begin(), batch.parts.end(),
                                    [&](const Part& part) { return Key(part.table, part.version) == old->first; });
    if (in_use) {
      ++old;
      continue;
    }
    db::Connection& server = session_.connection();
    server.query("DROP TABLE IF EXISTS pg_temp." + server.identifier(old->second.name));
    old = stages_.erase(old);
  }
}

}  // namespace weir::pg_load
