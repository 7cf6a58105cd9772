#include "catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::pg_load {
namespace {

constexpr std::string_view table_comment = "made by pg-load --create";
constexpr std::string_view column_comment = "type chosen by pg-load, which may widen it";

int number_of(const std::optional<std::string>& text) {
  int number = -1;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

/// The decimals that a type modifier declares; -1 for none.
int decimals_of(ColumnKind kind, int modifier) {
  if (modifier < 0) return -1;
  if (kind == ColumnKind::time) return modifier;
  // numeric(p,s) is ((p << 16) | s) + 4, where s has eleven bits and a sign.
  return kind == ColumnKind::numeric ? (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400 : -1;
}

/// The columns of a table by its quoted name. A domain counts as the type beneath it.
std::vector<Column> columns_of(db::Connection& server, const std::string& table) {
  const db::Rows rows = server.query(
      "SELECT a.attname, coalesce(b.typname, t.typname), a.attgenerated <> '', a.attidentity = 'a', CASE WHEN b.oid IS "
      "NULL THEN a.atttypmod ELSE t.typtypmod END, col_description(a.attrelid, a.attnum) = $2 FROM pg_attribute a JOIN "
      "pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype WHERE a.attrelid = to_regclass($1) "
      "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
      {table, std::string(column_comment)});
  std::vector<Column> columns;
  for (const auto& row : rows) {
    Column& column = columns.emplace_back();
    column.name = row.at(0).value_or("");
    column.kind = kind_of_type(row.at(1).value_or(""));
    column.generated = row.at(2) == "t";
    column.identity_always = row.at(3) == "t";
    column.decimals = decimals_of(column.kind, number_of(row.at(4)));
    column.widens = row.at(5) == "t";
  }
  return columns;
}

/// Comments for the columns that widen.
std::string comment_statements(const db::Connection& server, const std::string& table,
                               std::span<const Column> columns) {
  std::string statements;
  for (const Column& column : columns)
    if (column.widens)
      statements += fmt::format("COMMENT ON COLUMN {}.{} IS {};", table, server.identifier(column.name),
                                server.literal(column_comment));
  return statements;
}

std::string name_list(const db::Connection& server, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + server.identifier(name);
  return list;
}

}  // namespace

/// Does work that the server may refuse for good because of names or types.
template <typename Work>
Catalog::Refusal Catalog::attempt(Work work) {
  return session_.run([&](db::Connection& server) -> Refusal {
    try {
      work(server);
      return std::nullopt;
    } catch (const db::ServerError& refusal) {
      if (is_transient(refusal) || is_of_server(refusal)) throw;
      if (server.is_open()) server.rollback();
      return full_text(refusal.report());
    }
  });
}

FoundTable Catalog::find(const TableName& name) {
  return session_.run([&](db::Connection& server) {
    FoundTable found;
    const std::string table = session_.quoted(name);
    const db::Rows rows = server.query(
        "SELECT c.relkind IN ('r', 'p', 'v', 'f'), n.nspname ~ '^pg_' OR n.nspname = 'information_schema', "
        "obj_description(c.oid, 'pg_class') = $2 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
        "c.oid = to_regclass($1)",
        {table, std::string(table_comment)});
    if (rows.empty()) return found;
    if (rows.at(0).at(0) != "t") found.problem = name.text() + " is not a table";
    if (rows.at(0).at(1) == "t") found.problem = name.text() + " is a table of the server's own";
    if (name.relation == epoch_table) found.problem = name.text() + " is a table of pg-load's own";
    found.is_own = rows.at(0).at(2) == "t";
    found.columns = columns_of(server, table);
    return found;
  });
}

GivenColumns Catalog::columns_of_types(const std::map<std::string, std::string, std::less<>>& types) {
  if (types.empty()) return {};
  return session_.run([&](db::Connection& server) {
    std::string list;
    for (const auto& [name, type] : types)
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", server.identifier(name), type);
    server.query(fmt::format("DROP TABLE IF EXISTS pg_temp.weir_types; CREATE TEMP TABLE weir_types ({})", list));
    GivenColumns given;
    for (Column& column : columns_of(server, "pg_temp.weir_types")) {
      column.type = types.at(column.name);
      given.emplace(column.name, std::move(column));
    }
    server.query("DROP TABLE pg_temp.weir_types");
    return given;
  });
}

Catalog::Refusal Catalog::create(const TableName& name, std::span<const Column> columns,
                                 const std::string& time_column) {
  return attempt([&](db::Connection& server) {
    const std::string table = session_.quoted(name);
    server.query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", creation_lock));
    if (!server.query("SELECT to_regclass($1)", {table}).at(0).at(0)) {
      std::string statement = fmt::format("CREATE TABLE {} (", table);
      for (std::size_t i = 0; i < columns.size(); ++i)
        statement += fmt::format("{}{} {}", i == 0 ? "" : ", ", server.identifier(columns[i].name), columns[i].type);
      statement += fmt::format(");COMMENT ON TABLE {} IS {};", table, server.literal(table_comment));
      statement += comment_statements(server, table, columns);
      if (!time_column.empty())
        statement += fmt::format("CREATE INDEX ON {} ({});", table, server.identifier(time_column));
      if (!keys_.empty()) statement += fmt::format("CREATE UNIQUE INDEX ON {} ({});", table, name_list(server, keys_));
      server.query(statement);
      if (hypertables_.on()) hypertables_.apply(server, table);
    }
    server.query("COMMIT");
  });
}

Catalog::Refusal Catalog::make_hypertable(const TableName& name) {
  if (!hypertables_.on()) return std::nullopt;
  return attempt([&](db::Connection& server) {
    server.query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", creation_lock));
    hypertables_.apply(server, session_.quoted(name));
    server.query("COMMIT");
  });
}

Catalog::Refusal Catalog::add_columns(const TableName& name, std::span<const Column> columns) {
  return attempt([&](db::Connection& server) {
    const std::string table = session_.quoted(name);
    std::string additions;
    std::vector<Column> added;
    // Another pg-load may have made a column meanwhile, and it may be wider by now.
    const std::vector<Column> there = columns_of(server, table);
    for (const Column& column : columns) {
      if (std::any_of(there.begin(), there.end(), [&](const Column& each) { return each.name == column.name; }))
        continue;
      additions += fmt::format("{} ADD COLUMN IF NOT EXISTS {} {}", additions.empty() ? "" : ",",
                               server.identifier(column.name), column.type);
      added.push_back(column);
    }
    if (added.empty()) return;
    server.query(
        fmt::format("BEGIN;ALTER TABLE {}{};{}COMMIT", table, additions, comment_statements(server, table, added)));
  });
}

Catalog::Refusal Catalog::widen(const TableName& name, const std::string& column, ColumnKind kind,
                                std::string_view type) {
  return attempt([&](db::Connection& server) {
    const std::string table = session_.quoted(name);
    const std::string quoted = server.identifier(column);
    server.query(fmt::format("BEGIN;LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table));
    for (const Column& each : columns_of(server, table)) {
      if (each.name != column || !each.widens || each.kind == kind) continue;
      const bool is_number = kind == ColumnKind::double_precision || kind == ColumnKind::numeric;
      if (is_number && each.kind == ColumnKind::numeric) continue;
      if (kind == ColumnKind::double_precision && each.kind == ColumnKind::integer) {
        const auto large = server.query(
            fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {} NOT BETWEEN -9007199254740991 AND 9007199254740991)",
                        table, quoted));
        if (large.at(0).at(0) == "t") type = type_of_kind(ColumnKind::numeric);
      }
      // By text, since a double is cast to 15 digits.
      server.query(fmt::format("ALTER TABLE {0} ALTER COLUMN {1} TYPE {2} USING {1}::text::{2}", table, quoted, type));
    }
    server.query("COMMIT");
  });
}

Catalog::Refusal Catalog::key_problem(const TableName& name) {
  if (keys_.empty()) return std::nullopt;
  const bool found = session_.run([&](db::Connection& server) {
    std::string wanted;
    for (const std::string& key : keys_) wanted += fmt::format("{}{}", wanted.empty() ? "" : ", ", server.literal(key));
    // What ON CONFLICT can infer: unique, valid, at once, whole, of these columns and no others.
    const db::Rows rows =
        server.query(fmt::format("SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = to_regclass($1) AND "
                                 "i.indisunique AND i.indisvalid "
                                 "AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND (SELECT "
                                 "array_agg(a.attname::text ORDER BY a.attname::text COLLATE \"C\") "
                                 "FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY "
                                 "((i.indkey::int2[])[0:i.indnkeyatts - 1])) "
                                 "= (SELECT array_agg(k ORDER BY k COLLATE \"C\") FROM unnest(ARRAY[{}]::text[]) k))",
                                 wanted),
                     {session_.quoted(name)});
    return rows.at(0).at(0) == "t";
  });
  if (found) return std::nullopt;
  return fmt::format("--upsert needs a unique index on ({}) of {}, and there is none: CREATE UNIQUE INDEX makes it",
                     fmt::join(keys_, ", "), name.text());
}

}  // namespace weir::pg_load
