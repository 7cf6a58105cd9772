// The phenomena that a weather description names, such as OpenWeatherMap's `light intensity shower rain`.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace weir::weather {

/// A phenomenon that a description can name.
enum class Phenomenon : std::uint32_t {
  rain = 1U << 0U,
  drizzle = 1U << 1U,
  shower = 1U << 2U,
  sleet = 1U << 3U,
  snow = 1U << 4U,
  hail = 1U << 5U,
  freezing = 1U << 6U,  ///< the adjective of freezing rain, drizzle and fog
  thunderstorm = 1U << 7U,
  squall = 1U << 8U,
  tornado = 1U << 9U,
  fog = 1U << 10U,
  mist = 1U << 11U,
  haze = 1U << 12U,
  smoke = 1U << 13U,
  dust = 1U << 14U,
  sand = 1U << 15U,
  ash = 1U << 16U,
};

/// A set of phenomena.
class Phenomena {
 public:
  constexpr Phenomena() = default;
  constexpr Phenomena(std::initializer_list<Phenomenon> all) {
    for (const Phenomenon each : all) bits_ |= static_cast<std::uint32_t>(each);
  }
  constexpr void add(Phenomenon one) { bits_ |= static_cast<std::uint32_t>(one); }
  constexpr bool any_of(Phenomena others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const Phenomena&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

/// Reads a description: whole words, in any case, singular or plural. Unknown words, such as those for clouds, are
/// ignored.
Phenomena phenomena_in(std::string_view description);

}  // namespace weir::weather
