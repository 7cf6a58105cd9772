// The options of every spooled source. For main.cpp alone.
#pragma once
#include <string>

#include "cli/app.hpp"
#include "pipeline/spooled_source.hpp"

namespace weir::cli {

/// Declares --spool-limit; `then` tells what happens once the spool is full.
inline void define_spool_limit(App& app, SpooledSettings& spooled, const std::string& then = "nothing is received") {
  app.size("--spool-limit", spooled.spool_limit,
           "With --state: bytes that may be stored and not committed by the sink; then " + then)
      .at_least(1 << 20)
      .may_change();
}

}  // namespace weir::cli
