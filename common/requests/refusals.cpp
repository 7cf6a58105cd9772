#include "requests/refusals.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::requests {

void Refusals::note(std::string_view code, std::string_view reason, std::string_view from, Clock::time_point now,
                    Log& log) {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) { return kind.code == code; });
  if (found == kinds_.end()) {
    kinds_.push_back({.code = std::string(code), .reported = now});
    return log.warn(fmt::format("refused a request of {} with {}: {}", from, code, reason));
  }
  found->reason = reason;
  found->from = from;
  ++found->unreported;
  if (now - found->reported < every_) return;
  report(*found, log);
  found->reported = now;
}

void Refusals::report(Log& log) {
  for (Kind& kind : kinds_)
    if (kind.unreported > 0) report(kind, log);
}

void Refusals::report(Kind& kind, Log& log) {
  log.warn(fmt::format("more requests refused with {}: {}; the last one, of {}: {}", kind.code, kind.unreported,
                       kind.from, kind.reason));
  kind.unreported = 0;
}

}  // namespace weir::requests
