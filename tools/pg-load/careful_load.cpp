#include "careful_load.hpp"

#include <algorithm>

#include "refusal.hpp"
#include "results.hpp"
#include "statements.hpp"

namespace weir::pg_load {
namespace {

/// The reason for a refused row. The user knows the table, not its staging table.
std::string reason_for(const db::ServerError& refusal, const Destination& destination, const Table& table) {
  std::string reason = reason_of(refusal.report());
  if (destination.stage.empty()) return reason;
  const std::string& stage = destination.copied_relation;
  if (const auto name = reason.find(stage); name != std::string::npos)
    reason.replace(name, stage.size(), table.name().relation);
  return reason;
}

}  // namespace

void CarefulLoad::prepare(const Batch& batch) {
  for (const Part& part : batch.parts) {
    try {
      staging_.prepare(part, batch);
    } catch (const db::ServerError& refusal) {
      if (is_transient(refusal) || is_of_server(refusal) || part.table->naming() == Naming::option) throw;
      refuse_from(part, 0, refusal);
      without_stage_.insert(&part);
    }
  }
}

std::vector<RefusedRow> CarefulLoad::load(const Batch& batch) {
  for (const Part& part : batch.parts)
    if (without_stage_.count(&part) == 0) load_part(part);
  return std::move(refused_);
}

void CarefulLoad::refuse_from(const Part& part, std::size_t row, const db::ServerError& refusal) {
  for (; row < part.rows.size(); ++row) refused_.push_back({&part, row, full_text(refusal.report())});
}

/// Loads rows `first` to `last` (not included; none is possible) after a savepoint. Returns the refusal; the next
/// statement then restores the savepoint.
std::optional<db::ServerError> CarefulLoad::load_rows(const Part& part, const Destination& destination,
                                                      std::size_t first, std::size_t last) {
  db::Connection& server = session_.connection();
  try {
    const RowRange range = first < last ? RowRange{first, last - 1} : RowRange{1, 0};
    server.send(take_restore() + "SAVEPOINT weir;" + copy_statement(destination) +
                upsert_statement(destination, Doubles::possible, range) + "RELEASE SAVEPOINT weir");
    await_copy(server);
    for (std::string_view rest = part.text_of(first, last); !rest.empty();
         rest.remove_prefix(std::min(piece_size, rest.size())))
      server.put_copy(rest.substr(0, piece_size));
    server.end_copy();
    Results().collect(server, Results::Wait::yes);
    return std::nullopt;
  } catch (const db::ServerError& refusal) {
    if (is_transient(refusal) || is_of_server(refusal)) throw;
    restore_ = "ROLLBACK TO SAVEPOINT weir;RELEASE SAVEPOINT weir;";
    return refusal;
  }
}

void CarefulLoad::load_part(const Part& part) {
  const Destination destination = staging_.destination_of(part);
  const std::size_t count = part.rows.size();
  std::size_t at = 0;
  std::size_t span = count;
  std::size_t suspect = count;  // none
  std::size_t last_refused = 0;
  while (at < count) {
    if (at == suspect) span = 1;
    const std::size_t end = at + std::min(span, count - at);
    const auto refusal = load_rows(part, destination, at, end);
    if (!refusal) {
      at = end;
      span *= 2;
      continue;
    }
    if (end - at == 1) {
      // Does the server refuse the row, or the table?
      const auto of_table = is_about_a_row(*refusal) ? std::nullopt : load_rows(part, destination, at, at);
      if (of_table) {
        if (part.table->naming() == Naming::option) throw *of_table;
        return refuse_from(part, at, *of_table);
      }
      refused_.push_back({&part, at, reason_for(*refusal, destination, *part.table)});
      // The next bad row may be about as far away as this one was from the one before.
      span = std::max<std::size_t>(8, at - last_refused);
      last_refused = at;
      ++at;
      suspect = count;
      continue;
    }
    const auto line = copy_line(refusal->report().context, destination.copied_relation);
    if (line && *line <= end - at) {
      suspect = at + *line - 1;
      span = std::max<std::size_t>(1, *line - 1);
    } else {
      span = (end - at) / 2;
    }
  }
}

}  // namespace weir::pg_load
