// Whether a connection leaves this machine: what decides if plain text is safe.
#pragma once
#include <string>

namespace weir::cli {

/// True when a connection to that host does not leave this machine: `localhost`, 127.0.0.0/8 or ::1. Asks no name
/// server.
bool is_this_machine(const std::string& host);

}  // namespace weir::cli
