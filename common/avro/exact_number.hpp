// Decimals: exact numbers between JSON's digits and two's complement.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::avro {

/// How a number fits a decimal or an integer.
enum class NumberFit : std::uint8_t {
  fits,
  no_number,      ///< the text is not a JSON number
  more_decimals,  ///< it has digits after the last decimal
  more_digits     ///< it has more digits than there is room for
};

/// Digits of a number times 10^scale, an integer. Its memory is used again.
class Unscaled {
 public:
  /// Reads a JSON number, exponents included; nothing is rounded. `precision` is the most digits.
  NumberFit read(std::string_view number, std::uint32_t scale, std::uint32_t precision);

  /// Appends the integer in two's complement, big-endian, with no more bytes than fastavro gives it.
  void append_bytes(std::string& out);
  /// As append_bytes() in exactly `size` bytes; false when it needs more.
  bool append_fixed(std::string& out, std::size_t size);
  /// The integer; false when it is beyond 64 bits.
  bool read_int64(std::int64_t& value) const;

 private:
  void to_bytes();
  bool negative_ = false;
  std::string digits_;  ///< without leading zeros; empty: zero
  std::string bytes_;   ///< in two's complement
};

/// The most bytes of a decimal that append_unscaled() takes: its time is quadratic.
inline constexpr std::size_t most_decimal_bytes = 2048;

/// Appends the number of a two's complement integer, big-endian, times 10^-scale, with all its decimals: `12.30`.
void append_unscaled(std::string& out, std::string_view bytes, std::uint32_t scale);

}  // namespace weir::avro
