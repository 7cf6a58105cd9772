// Whether a connection leaves this machine: what decides if plain text is safe.
#pragma once
#include <string_view>

namespace weir::net {

/// True when a connection to that host does not leave this machine: `localhost`, 127.0.0.0/8 or ::1 (also in brackets).
/// Asks no name server, so any other name counts as another machine's.
bool is_this_machine(std::string_view host);

}  // namespace weir::net
