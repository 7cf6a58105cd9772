// Times that data may have, for messages that name what a number was meant to be.
#pragma once
#include <string>
#include <string_view>

#include "time/time_types.hpp"
#include "time/timestamp.hpp"

namespace weir {

/// Whether a time lies in the years 1990 to 2099.
bool is_plausible(Time time);

/// Whether a number's digits may be meant as this time: 20240301 and 2024030109 are dates, whatever time they make.
bool is_plausible_epoch(std::string_view digits, Time time);

/// Whether a text begins with a year, as of RFC 3339, that no time can have: they go from 1678 to 2261.
bool has_far_year(std::string_view text);
/// What is wrong with such a text, and with a number that is none of these years.
inline constexpr std::string_view far_year_text = "is outside of 1678 to 2261, the years that can be held";

/// What is wrong with a number that is not plausible: `is not a time: in s since 1970 it is outside of 1990 to 2100`.
std::string outside_text(EpochUnit unit);

/// The value of --time-unit that makes a plausible time of a number: `ms`. Empty when there is none.
std::string_view likely_unit(std::string_view digits);

}  // namespace weir
