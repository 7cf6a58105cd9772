#include "catalog.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace weir::pg_load {

std::optional<std::vector<Column>> Catalog::columns_of(const TableName& name) {
  return session_.run([&](db::Connection& server) -> std::optional<std::vector<Column>> {
    const std::string table = session_.quoted(name);
    if (!server.query("SELECT to_regclass($1)", {table}).at(0).at(0)) return std::nullopt;
    // A domain counts as the type beneath it.
    const db::Rows rows = server.query(
        "SELECT a.attname, coalesce(b.typname, t.typname), a.attgenerated <> '', a.attidentity = 'a' FROM pg_attribute "
        "a "
        "JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype "
        "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        {table});
    std::vector<Column> columns;
    for (const auto& row : rows)
      columns.push_back(
          {row.at(0).value_or(""), kind_of_type(row.at(1).value_or("")), row.at(2) == "t", row.at(3) == "t"});
    return columns;
  });
}

void Catalog::create(const TableName& name, const std::vector<NewColumn>& columns, const std::string& time_column) {
  session_.run([&](db::Connection& server) {
    const std::string table = session_.quoted(name);
    server.query(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", creation_lock));
    if (!server.query("SELECT to_regclass($1)", {table}).at(0).at(0)) {
      std::string statement = fmt::format("CREATE TABLE {} (", table);
      for (std::size_t i = 0; i < columns.size(); ++i)
        statement += fmt::format("{}{} {}", i == 0 ? "" : ", ", server.identifier(columns[i].name), columns[i].type);
      statement += ");";
      if (!time_column.empty())
        statement += fmt::format("CREATE INDEX ON {} ({});", table, server.identifier(time_column));
      if (!keys_.empty()) {
        statement += fmt::format("CREATE UNIQUE INDEX ON {} (", table);
        for (std::size_t i = 0; i < keys_.size(); ++i)
          statement += fmt::format("{}{}", i == 0 ? "" : ", ", server.identifier(keys_[i]));
        statement += ");";
      }
      server.query(statement);
    }
    server.query("COMMIT");
  });
}

std::optional<std::string> Catalog::add_column(const TableName& name, const NewColumn& column) {
  return session_.run([&](db::Connection& server) -> std::optional<std::string> {
    try {
      server.query(fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}", session_.quoted(name),
                               server.identifier(column.name), column.type));
    } catch (const db::ServerError& error) {
      // 54011: too many columns; 42701: one is named so, such as a system column; 42704: no such type
      if (error.is("54") || error.is("42701") || error.is("42P16") || error.is("42704"))
        return full_text(error.report());
      throw;
    }
    return std::nullopt;
  });
}

void Catalog::need_unique_keys(const TableName& name) {
  if (keys_.empty()) return;
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
  if (found) return;
  throw std::runtime_error(
      fmt::format("--upsert needs a unique index on ({}) of {}, and there is none: CREATE UNIQUE INDEX makes it",
                  fmt::join(keys_, ", "), name.text()));
}

}  // namespace weir::pg_load
