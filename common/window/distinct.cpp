#include "window/distinct.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <string_view>

namespace weir {
namespace {

constexpr std::size_t register_count = std::size_t{1} << Distinct::precision;
/// Numbers with at most this many characters have different doubles.
constexpr std::size_t digits_by_value = 15;
constexpr int rest = 64 - Distinct::precision;  ///< bits of a hash that are not used to choose the register

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a ^ 0xa0761d6478bd642fU) * (b ^ 0xe7037ed1a0b428dbU);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Ertl 2017, algorithm 6: sigma and tau correct for registers that are zero and those that are full.
double sigma(double x) {
  if (x == 1) return HUGE_VAL;
  double y = 1;
  double z = x;
  for (double before = -1; z != before; y += y) {
    x *= x;
    before = z;
    z += x * y;
  }
  return z;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; z != before;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

/// Hashes eight bytes at a time, each folded in by a 128-bit product (as in wyhash, by Wang Yi).
std::uint64_t Distinct::hash_of(const Value& value) {
  const bool is_string = value.kind == Kind::string;
  std::string_view bytes = is_string ? value.text : value.raw;
  double number = 0;
  if (value.kind == Kind::number && value.raw.size() <= digits_by_value) {
    number = value.number().value_or(0) + 0.0;  // -0 becomes 0
    bytes = {reinterpret_cast<const char*>(&number), sizeof number};
  }
  std::uint64_t hash = bytes.size() * 0x9e3779b97f4a7c15U + (is_string ? 1 : 0);
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    hash = mix(hash, word);
  }
  hash = mix(hash, 0x8ebc6af09c88c6e3U);
  return hash == 0 ? 1 : hash;
}

void Distinct::insert(std::uint64_t hash) {
  std::size_t at = static_cast<std::size_t>(hash) & (slots_.size() - 1);
  while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & (slots_.size() - 1);
  if (slots_[at] == hash) return;
  slots_[at] = hash;
  ++size_;
}

void Distinct::add_to_registers(std::uint64_t hash) {
  const auto which = static_cast<std::size_t>(hash >> rest);
  const std::uint64_t bits = hash << precision;
  const auto zeros = static_cast<std::uint8_t>(std::min(std::countl_zero(bits), rest) + 1);
  registers_[which] = std::max(registers_[which], zeros);
}

void Distinct::add_hash(std::uint64_t hash) {
  if (!exact()) return add_to_registers(hash);
  if (size_ * 2 >= slots_.size()) {
    std::vector<std::uint64_t> before(std::max<std::size_t>(8, slots_.size() * 2));
    before.swap(slots_);
    size_ = 0;
    for (const std::uint64_t each : before)
      if (each != 0) insert(each);
  }
  insert(hash);
  if (size_ <= exact_limit) return;
  registers_.assign(register_count, 0);
  for (const std::uint64_t each : slots_)
    if (each != 0) add_to_registers(each);
  slots_ = {};
}

void Distinct::merge(const Distinct& other) {
  if (other.exact()) {
    for (const std::uint64_t each : other.slots_)
      if (each != 0) add_hash(each);
    return;
  }
  if (exact()) {
    registers_.assign(register_count, 0);
    for (const std::uint64_t each : slots_)
      if (each != 0) add_to_registers(each);
    slots_ = {};
  }
  for (std::size_t i = 0; i < register_count; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

std::vector<std::uint64_t> Distinct::hashes() const {
  std::vector<std::uint64_t> hashes;
  std::copy_if(slots_.begin(), slots_.end(), std::back_inserter(hashes), [](std::uint64_t each) { return each != 0; });
  std::sort(hashes.begin(), hashes.end());
  return hashes;
}

bool Distinct::merge_registers(const std::vector<std::uint8_t>& registers) {
  if (registers.size() != register_count ||
      std::any_of(registers.begin(), registers.end(), [](std::uint8_t each) { return each > rest + 1; }))
    return false;
  Distinct other;
  other.registers_ = registers;
  merge(other);
  return true;
}

std::uint64_t Distinct::count() const {
  if (exact()) return size_;
  std::array<std::uint32_t, rest + 2> histogram{};
  for (const std::uint8_t value : registers_) ++histogram[value];
  constexpr auto m = static_cast<double>(register_count);
  double z = m * tau(1 - histogram[rest + 1] / m);
  for (std::size_t k = rest; k >= 1; --k) z = 0.5 * (z + histogram[k]);
  z += m * sigma(histogram[0] / m);
  return static_cast<std::uint64_t>(std::llround(m * m / (2 * std::log(2.0) * z)));
}

}  // namespace weir
