// What a refusal of the server means for a load, and its text.
#pragma once
#include <string>

#include "db/connection.hpp"

namespace weir::pg_load {

/// True when the row itself is at fault, whatever else: bad data, a constraint, a trigger's exception, a view's check
/// option, a row too large.
bool is_about_a_row(const db::ServerError& error);

/// True when a retry may succeed: a deadlock or a serialisation failure, a lock not to be had, room or memory or
/// connections short, a server that has become a standby.
bool is_transient(const db::ServerError& error);

/// True when the server itself is at fault, or someone stops it: shutdown, a time limit, a broken file.
bool is_of_server(const db::ServerError& error);

/// The server's reason for a row, with the column where the message does not name it.
std::string reason_of(const db::ServerError::Report& report);

/// Message, detail and hint.
std::string full_text(const db::ServerError::Report& report);

}  // namespace weir::pg_load
