// What was tried and what came of it, line by line in a file.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"
#include "time/time_types.hpp"

namespace weir::alert_notify {

/// `{"time":…,"id":…,"channel":…,"state":…}`: one attempt.
std::string history_line(const Message& message, std::string_view state, std::string_view answer, Time time,
                         std::optional<Duration> after);

}  // namespace weir::alert_notify
