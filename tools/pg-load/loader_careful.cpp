// The loader's slow way: a batch that holds rows which the server refuses.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "loader.hpp"
#include "refusal.hpp"

namespace weir::pg_load {

void Loader::load_carefully() {
  careful_ = true;
  commit_sent_ = false;
  restore_.clear();
  refused_rows_.clear();
  make_stages();
  // A deferred constraint would speak only at COMMIT, too late to tell which row it means.
  const bool old_server = connection_.server_version() < 130000;
  const db::Rows rows = connection_.query(fmt::format("BEGIN;SET CONSTRAINTS ALL IMMEDIATE;SELECT {}()",
                                                      old_server ? "txid_current" : "pg_current_xact_id"));
  transaction_ = rows.at(0).at(0).value_or("");
  transaction_server_ = server_start_;
  for (const Part& part : batch_.parts) load_part_carefully(part);
  if (batch_.epoch) {
    // First the epoch's number, whose row is locked from then on: nobody else commits this epoch any more.
    expect_next_epoch(connection_.query(std::exchange(restore_, {}) + closing()).size());
    tell_refused();
  }
  commit_sent_ = true;
  connection_.query(batch_.epoch ? "COMMIT" : std::exchange(restore_, {}) + closing());
}

/// Loads rows first to last (not included) behind a savepoint. Returns the refusal; the next statement restores the
/// savepoint.
std::optional<db::ServerError> Loader::load_rows(const Part& part, const Destination& destination, std::size_t first,
                                                 std::size_t last) {
  try {
    connection_.send(std::exchange(restore_, {}) + "SAVEPOINT weir;" + copy_statement(destination) +
                     upsert_statement(destination, Doubles::possible, RowRange{first, last - 1}) +
                     "RELEASE SAVEPOINT weir");
    await_copy();
    std::string_view rest = part.text_of(first, last);
    while (!rest.empty()) {
      connection_.put_copy(rest.substr(0, piece_size));
      rest.remove_prefix(std::min(piece_size, rest.size()));
    }
    connection_.end_copy();
    collect(true);
    return std::nullopt;
  } catch (const db::ServerError& refusal) {
    if (!is_about_a_row(refusal)) throw;
    restore_ = "ROLLBACK TO SAVEPOINT weir;RELEASE SAVEPOINT weir;";
    return refusal;
  }
}

/// Loads the rows in order, in spans that shrink to what the server complains of and grow again behind it. A row is
/// refused only when it stands alone, with all before it in place, so the outcome is that of loading row by row. Every
/// step loads a span or halves one at least, so it ends.
void Loader::load_part_carefully(const Part& part) {
  const Destination destination = destination_of(part);
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
      std::string reason = reason_of(refusal->words());
      if (!destination.stage.empty()) {
        // The user knows the table, not its staging table.
        if (const auto name = reason.find(destination.copied_relation); name != std::string::npos)
          reason.replace(name, destination.copied_relation.size(), part.table->name().relation);
      }
      refused_rows_.push_back({&part, at, std::move(reason)});
      // About as far as the last bad row was from the one before it, the next one may be.
      span = std::max<std::size_t>(8, at - last_refused);
      last_refused = at;
      ++at;
      suspect = count;
      continue;
    }
    const auto line = copy_line(refusal->words().context, destination.copied_relation);
    if (line && *line <= end - at) {
      suspect = at + *line - 1;
      span = std::max<std::size_t>(1, *line - 1);
    } else {
      span = (end - at) / 2;
    }
  }
}

}  // namespace weir::pg_load
