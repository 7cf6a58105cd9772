// Makes the source from sensor-sim's options.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/source.hpp"

namespace weir::sensor_sim {

inline constexpr std::string_view usual_start = "2026-01-01T00:00:00Z";
inline constexpr std::string_view usual_home_start = "2020-01-01T00:15:00Z";

struct Settings {
  bool weather = false;
  bool smart_home = false;
  bool smart_grid = false;
  std::optional<std::uint64_t> meters;
  std::string planted;  ///< the file that lists planted incidents; empty: none
  std::optional<std::uint64_t> cities;
  std::vector<std::string> city;
  std::optional<std::uint64_t> sensors;
  std::uint64_t seed = 1;
  double gaps = 0;
  std::optional<std::string> start;
  std::optional<Duration> every;
  std::optional<std::uint64_t> count;
  std::optional<double> rate;
  std::optional<double> speed;
  bool real_time = false;
};

/// Makes the source. Throws std::invalid_argument for settings that exclude each other, std::system_error for the file.
std::unique_ptr<AnySource> make_simulation(const Settings& settings);

}  // namespace weir::sensor_sim
