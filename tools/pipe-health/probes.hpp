// How each kind of place is asked whether it is well.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "result.hpp"
#include "target.hpp"

namespace weir::pipe_health {

enum class Verify : std::uint8_t { certificate, nothing };

/// What a probe is made from besides its target.
struct Access {
  std::optional<std::string> password{};
  std::string ca_file{}, cert_file{}, key_file{};
  Verify verify = Verify::certificate;
  std::optional<Duration> max_age{}, max_lag{};  ///< where the target names none
};

/// Asks once. Throws what the libraries throw; TimeIsUp when the time is over.
using Probe = std::function<Result(const Deadline&)>;

/// The probe of a target. Throws std::invalid_argument where the target cannot be used.
Probe make_probe(const Target& target, const Access& access);

Probe make_broker_probe(const Target& target, const Access& access);  ///< mqtt and kafka
Probe make_state_probe(const Target& target, const Access& access);

/// Asks once, whatever happens: what is thrown becomes the problem, with the place and what to do.
Result ask(const Target& target, const Probe& probe, std::chrono::nanoseconds limit);

}  // namespace weir::pipe_health
