#include "avro/exact_number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>
#include <vector>

#include "record/number.hpp"

namespace weir::avro {
namespace {

constexpr std::uint32_t limb_base = 1'000'000'000;  // nine digits
constexpr std::size_t limb_digits = 9;
constexpr std::size_t digits_of_word = 18;  // below 10^18 an integer of 64 bits holds any digits
constexpr std::size_t bytes_of_word = 8;

/// The bytes of an integer in two's complement, as few as it needs.
void append_word(std::string& out, std::int64_t value) {
  std::size_t size = 1;
  for (std::int64_t rest = value; rest > 127 || rest < -128; rest >>= 8U) ++size;
  for (std::size_t i = size; i-- > 0;) out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xffU);
}

std::uint8_t byte_of(char c) { return static_cast<std::uint8_t>(c); }

void negate(std::string& bytes) {
  unsigned carry = 1;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    const unsigned sum = (~byte_of(bytes[i]) & 0xffU) + carry;
    bytes[i] = static_cast<char>(sum & 0xffU);
    carry = sum >> 8U;
  }
}

void append_scaled(std::string& out, bool negative, std::string_view digits, std::uint32_t scale) {
  if (negative) out += '-';
  if (digits.size() <= scale) {
    out += "0";
    if (scale > 0) out += '.';
    out.append(scale - digits.size(), '0');
    out += digits;
    return;
  }
  out += digits.substr(0, digits.size() - scale);
  if (scale == 0) return;
  out += '.';
  out += digits.substr(digits.size() - scale);
}

}  // namespace

NumberFit Unscaled::read(std::string_view number, std::uint32_t scale, std::uint32_t precision) {
  if (!is_json_number(number)) return NumberFit::no_number;
  negative_ = number.front() == '-';
  if (negative_) number.remove_prefix(1);
  const auto e = number.find_first_of("eE");
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view text = number.substr(e + 1);
    if (text.front() == '+') text.remove_prefix(1);
    const auto done = std::from_chars(text.data(), text.data() + text.size(), exponent);
    constexpr std::int64_t far = std::numeric_limits<std::int32_t>::max();
    if (done.ec != std::errc{} || exponent > far || exponent < -far) exponent = text.front() == '-' ? -far : far;
    number = number.substr(0, e);
  }
  const auto dot = number.find('.');
  digits_.assign(number.substr(0, dot));
  if (dot != std::string_view::npos) {
    digits_ += number.substr(dot + 1);
    exponent -= static_cast<std::int64_t>(number.size() - dot - 1);
  }
  digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
  if (digits_.empty()) {
    negative_ = false;
    return NumberFit::fits;
  }
  exponent += scale;
  for (; exponent < 0; ++exponent) {
    if (digits_.back() != '0') return NumberFit::more_decimals;
    digits_.pop_back();  // the first digit is not zero, so this ends
  }
  if (static_cast<std::int64_t>(digits_.size()) + exponent > static_cast<std::int64_t>(precision))
    return NumberFit::more_digits;
  digits_.append(static_cast<std::size_t>(exponent), '0');
  return NumberFit::fits;
}

bool Unscaled::read_int64(std::int64_t& value) const {
  value = 0;
  for (const char c : digits_)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_sub_overflow(value, static_cast<std::int64_t>(c - '0'), &value))
      return false;
  return negative_ || !__builtin_sub_overflow(std::int64_t{0}, value, &value);
}

void Unscaled::to_bytes() {
  bytes_.clear();
  if (digits_.size() <= digits_of_word) {
    std::int64_t word = 0;
    for (const char c : digits_) word = word * 10 + (c - '0');
    return append_word(bytes_, negative_ ? -word : word);
  }
  // From the digits to base 256, the lowest byte first.
  for (const char c : digits_) {
    unsigned carry = static_cast<unsigned>(c - '0');
    for (char& byte : bytes_) {
      carry += byte_of(byte) * 10U;
      byte = static_cast<char>(carry & 0xffU);
      carry >>= 8U;
    }
    if (carry != 0) bytes_ += static_cast<char>(carry);
  }
  bytes_ += '\0';  // the sign
  std::reverse(bytes_.begin(), bytes_.end());
  if (negative_) negate(bytes_);
  const char sign = negative_ ? '\xff' : '\0';
  std::size_t surplus = 0;
  while (surplus + 1 < bytes_.size() && bytes_[surplus] == sign &&
         (byte_of(bytes_[surplus + 1]) >> 7U == 1U) == negative_)
    ++surplus;
  bytes_.erase(0, surplus);
}

void Unscaled::append_bytes(std::string& out) {
  to_bytes();
  // fastavro, and with it Confluent's Python client, gives -128, -32768 … a byte more than they need.
  if (bytes_.front() == '\x80' && bytes_.find_first_not_of('\0', 1) == std::string::npos) out += '\xff';
  out += bytes_;
}

bool Unscaled::append_fixed(std::string& out, std::size_t size) {
  to_bytes();
  if (digits_.empty()) bytes_.clear();
  if (bytes_.size() > size) return false;
  out.append(size - bytes_.size(), negative_ ? '\xff' : '\0');
  out += bytes_;
  return true;
}

void append_unscaled(std::string& out, std::string_view bytes, std::uint32_t scale) {
  const bool negative = !bytes.empty() && byte_of(bytes.front()) >> 7U == 1U;
  if (bytes.size() <= bytes_of_word) {
    std::uint64_t word = negative ? ~std::uint64_t{0} : 0;
    for (const char c : bytes) word = word << 8U | byte_of(c);
    char text[20];
    const auto end = std::to_chars(text, text + sizeof text, negative ? 0 - word : word).ptr;
    return append_scaled(out, negative, {text, static_cast<std::size_t>(end - text)}, scale);
  }
  std::string magnitude(bytes);
  if (negative) negate(magnitude);
  std::vector<std::uint32_t> limbs;  // the lowest first
  for (std::size_t i = 0; i < magnitude.size(); ++i) {
    std::uint64_t carry = byte_of(magnitude[i]);
    for (std::uint32_t& limb : limbs) {
      carry += std::uint64_t{limb} << 8U;
      limb = static_cast<std::uint32_t>(carry % limb_base);
      carry /= limb_base;
    }
    if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
  }
  std::string digits;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    const std::string part = std::to_string(limbs[i]);
    if (!digits.empty()) digits.append(limb_digits - part.size(), '0');
    digits += part;
  }
  if (digits.empty()) digits = "0";
  append_scaled(out, negative, digits, scale);
}

}  // namespace weir::avro
