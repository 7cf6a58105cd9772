#include "staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace weir::pg_load {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Destination Staging::destination_of(const Part& part) const {
  const db::Connection& server = session_.connection();
  const Table& table = *part.table;
  Destination destination;
  destination.table = session_.quoted(table.name());
  destination.copied_relation = table.name().relation;
  for (const std::string& column : part.columns) destination.columns.push_back(server.identifier(column));
  const UpsertKeys& upsert = table.upsert();
  for (const std::string& key : upsert.keys) destination.keys.push_back(server.identifier(key));
  if (destination.keys.empty()) return destination;
  if (!upsert.newest.empty()) destination.newest = server.identifier(upsert.newest);
  for (const Column& column : table.columns()) {
    if (holds(part.columns, column.name) && !holds(upsert.keys, column.name) && !column.identity_always)
      destination.updated.push_back(server.identifier(column.name));
  }
  const Stage& stage = stages_.at({&table, part.version});
  destination.stage = "pg_temp." + server.identifier(stage.name);
  destination.order = server.identifier(stage.order);
  destination.copied_relation = stage.name;
  return destination;
}

void Staging::prepare(const Batch& batch) {
  for (const Part& part : batch.parts) prepare(part, batch);
}

void Staging::prepare(const Part& part, const Batch& batch) {
  if (connection_ != session_.number()) stages_.clear();
  connection_ = session_.number();
  db::Connection& server = session_.connection();
  const Table& table = *part.table;
  if (table.upsert().keys.empty()) return;
  const Key key{&table, part.version};
  const auto [found, added] = stages_.try_emplace(key);
  if (!added) return;
  Stage& stage = found->second;
  stage.name = fmt::format("weir_stage_{}", ++made_);
  stage.order = "weir_order";
  while (table.find(stage.order) != nullptr) stage.order += '_';
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
