// The phenomena that a weather description names, such as OpenWeatherMap's `light intensity shower rain`.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace weir::weather {

/// A phenomenon that a description can name.
enum class Phenomenon : std::uint8_t {
  rain,
  drizzle,
  shower,
  sleet,
  snow,
  hail,
  freezing,  ///< the adjective of freezing rain, drizzle and fog
  thunderstorm,
  squall,
  tornado,
  fog,
  mist,
  haze,
  smoke,
  dust,
  sand,
  ash,
};

/// A set of phenomena.
class Phenomena {
 public:
  constexpr Phenomena() = default;
  constexpr Phenomena(std::initializer_list<Phenomenon> all) {
    for (const Phenomenon each : all) add(each);
  }
  constexpr void add(Phenomenon one) { bits_ |= 1U << static_cast<unsigned>(one); }
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
