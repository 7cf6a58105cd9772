// Where the first run began, for runs that start before an epoch was committed.
#pragma once
#include <functional>
#include <string>

#include "pipeline/source.hpp"

namespace weir::csv_tail {

/// At the first start calls `look` and keeps what the source's snapshot says then in the state's folder; later, as long
/// as nothing is committed, restores the source from that: rows that came meanwhile, and files that were renamed, are
/// found. Throws state::Unusable, std::system_error.
void begin_at_first_place(Source& source, const std::string& folder, const std::function<void()>& look);

}  // namespace weir::csv_tail
