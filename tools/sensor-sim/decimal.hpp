// Numbers with a fixed count of digits after the point.
#pragma once
#include <cmath>
#include <cstdint>
#include <string>

#include "record/number.hpp"

namespace weir::sensor_sim {

/// A value in hundredths, rounded to the nearest, half away from zero.
inline std::int64_t hundredths(double value) { return std::llround(value * 100); }

/// Appends hundredths as a JSON number: -5 is -0.05, 1200 is 12.00.
inline void append_hundredths(std::string& out, std::int64_t value) {
  if (value < 0) {
    out += '-';
    value = -value;
  }
  append_number(out, value / 100);
  out += '.';
  out += static_cast<char>('0' + value % 100 / 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace weir::sensor_sim
