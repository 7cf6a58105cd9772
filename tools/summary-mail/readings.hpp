// The readings that a day's summary needs.
#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "record/record.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::summary_mail {

/// An unknown value.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// A reading of one city; NaN means unknown.
struct Reading {
  Time time{};
  double temperature_c = unknown;  ///< °C
  double humidity = unknown;       ///< %
  double pressure = unknown;       ///< hPa
  double wind_speed = unknown;     ///< m/s
  std::uint32_t weather = 0;       ///< index into Readings::description(); 0 is the empty text

  void state(StateArchive& archive) { archive.values(time, temperature_c, humidity, pressure, wind_speed, weather); }
};

/// The readings of today and yesterday, or those of one date, by city.
///
/// Without a date it keeps readings of the last 50 hours and the next 26. In every zone these include yesterday and
/// today, also where clocks are set back by up to two hours. With a date it keeps the 50 hours in which that date is
/// somewhere on Earth (UTC+14 to UTC-12).
class Readings {
 public:
  struct Limits {
    std::uint64_t cities = 1000;
    std::uint64_t readings_a_city = 100'000;
    std::uint64_t descriptions = 10'000;  ///< different descriptions
  };
  using List = std::deque<Reading>;

  Readings(Limits limits, std::optional<std::chrono::year_month_day> date) : limits_(limits), date_(date) {}

  /// Adds a reading while the clock shows `now`, and sets `reading.weather`. A reading that no summary needs is
  /// dropped. Rejects a reading beyond a limit.
  Verdict add(std::string_view city, Reading reading, std::string_view weather, Time now);

  /// The time of the latest reading added, needed or not; nothing before the first.
  std::optional<Time> latest() const { return latest_; }

  /// Cities and their readings, in order of first appearance.
  const std::map<std::string, List, std::less<>>& cities() const { return cities_; }

  /// The city of that name, compared without case unless one matches exactly; end() when there is none.
  std::map<std::string, List, std::less<>>::const_iterator find(std::string_view city) const;

  const std::string& description(std::uint32_t index) const { return descriptions_[index]; }

  void state(StateArchive& archive);

 private:
  bool is_needed(Time time, Time now) const;

  Limits limits_;
  std::optional<std::chrono::year_month_day> date_;
  std::optional<Time> latest_;
  std::map<std::string, List, std::less<>> cities_;
  std::vector<std::string> descriptions_{""};
  std::unordered_map<std::string, std::uint32_t> description_index_{{"", 0}};
};

}  // namespace weir::summary_mail
