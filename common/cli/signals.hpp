// Being asked to stop.
#pragma once
#include <chrono>

namespace weir::cli {

/// Makes SIGINT and SIGTERM a request that is asked for here instead of an end, and a closed pipe an error of write(2)
/// instead of SIGPIPE. Call once, before any other thread is started.
void install_signal_handlers();

/// SIGINT or SIGTERM came.
bool stop_requested();

/// When it came first; time_point::max() while none has.
std::chrono::steady_clock::time_point stop_time();

/// A descriptor that becomes readable when SIGINT or SIGTERM comes, for poll(2). Never read from it.
int stop_descriptor();

}  // namespace weir::cli
