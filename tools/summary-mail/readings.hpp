// The readings that a day's summary needs, and no more of them.
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
#include "state/snapshot.hpp"
#include "time/time_types.hpp"

namespace weir::summary_mail {

/// What is not known of a reading.
inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// One reading of one city; NaN stands for what is not known.
struct Reading {
  Time time{};
  double temperature_c = unknown;  ///< °C
  double humidity = unknown;       ///< %
  double pressure = unknown;       ///< hPa
  double wind_speed = unknown;     ///< m/s
  std::uint32_t weather = 0;       ///< index into Readings::words(); 0 is the empty text
};

/// The last day's readings, or those of one day, by city.
///
/// Without a date it keeps what is at most 26 hours older than the latest reading: in every zone that reaches back to
/// the beginning of the latest reading's day, which clocks that are set back by up to two hours make longer than 24.
/// With a date it keeps the 50 hours in which that date is somewhere on Earth (UTC+14 to UTC-12).
class Readings {
 public:
  struct Limits {
    std::uint64_t cities = 1000;
    std::uint64_t readings_a_city = 100'000;
    std::uint64_t words = 10'000;  ///< different weather texts
  };
  using List = std::deque<Reading>;

  Readings(Limits limits, std::optional<std::chrono::year_month_day> date) : limits_(limits), date_(date) {}

  /// Takes a reading; `reading.weather` is set here. A reading that no summary will need is left out. Rejected when a
  /// limit is reached.
  Verdict add(std::string_view city, Reading reading, std::string_view weather);

  /// The time of the latest reading that was added, whether it is needed or not; nothing before the first.
  std::optional<Time> latest() const { return latest_; }

  /// City names and their readings in the order in which they came.
  const std::map<std::string, List, std::less<>>& cities() const { return cities_; }

  /// The city of that name, ASCII letters' case being no matter where no name is exactly so; end() when there is none.
  std::map<std::string, List, std::less<>>::const_iterator find(std::string_view city) const;

  const std::string& word(std::uint32_t index) const { return words_[index]; }

  void snapshot(SnapshotWriter& to) const;
  /// Into readings that have had none yet.
  void restore(SnapshotReader& from);

 private:
  bool is_needed(Time time) const;

  Limits limits_;
  std::optional<std::chrono::year_month_day> date_;
  std::optional<Time> latest_;
  std::map<std::string, List, std::less<>> cities_;
  std::vector<std::string> words_{""};
  std::unordered_map<std::string, std::uint32_t> word_index_{{"", 0}};
};

}  // namespace weir::summary_mail
