#include "state/checksum.hpp"

#include <boost/crc.hpp>
#include <cstring>

namespace weir::state {
namespace {

constexpr std::uint32_t polynomial = 0x1EDC6F41;

#ifdef __x86_64__
/// The processor's instruction gives 8 GB/s, the table 0.4; a sink's snapshots cover all that it writes.
__attribute__((target("sse4.2"))) std::uint32_t add_by_processor(std::uint32_t crc, std::string_view bytes) {
  std::uint64_t state = crc;
  for (; bytes.size() >= sizeof state; bytes.remove_prefix(sizeof state)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    state = __builtin_ia32_crc32di(state, word);
  }
  crc = static_cast<std::uint32_t>(state);
  for (const char byte : bytes) crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(byte));
  return crc;
}
#endif

std::uint32_t add_by_table(std::uint32_t crc, std::string_view bytes) {
  std::uint32_t reflected = 0;  // boost takes its initial value with the bits reversed
  for (unsigned bit = 0; bit < 32; ++bit) reflected |= ((crc >> bit) & 1U) << (31U - bit);
  boost::crc_optimal<32, polynomial, 0, 0, true, true> sum(reflected);
  sum.process_bytes(bytes.data(), bytes.size());
  return sum.checksum();
}

}  // namespace

void Crc32c::add(std::string_view bytes) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) {
    state_ = add_by_processor(state_, bytes);
    return;
  }
#endif
  state_ = add_by_table(state_, bytes);
}

std::uint32_t crc32c(std::initializer_list<std::string_view> parts) {
  Crc32c sum;
  for (const std::string_view part : parts) sum.add(part);
  return sum.value();
}

std::uint32_t crc32c_by_table(std::initializer_list<std::string_view> parts) {
  std::uint32_t state = 0xFFFFFFFF;
  for (const std::string_view part : parts) state = add_by_table(state, part);
  return ~state;
}

}  // namespace weir::state
