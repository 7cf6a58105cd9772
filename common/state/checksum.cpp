#include "state/checksum.hpp"

#include <boost/crc.hpp>
#include <cstring>

namespace weir::state {
namespace {

#ifdef __x86_64__
/// The processor's own instruction: 8 GB/s where the table gives 0.4, and a sink's snapshot holds all that it writes.
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

}  // namespace

std::uint32_t crc32c_by_table(std::initializer_list<std::string_view> parts) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  for (const std::string_view part : parts) crc.process_bytes(part.data(), part.size());
  return crc.checksum();
}

std::uint32_t crc32c(std::initializer_list<std::string_view> parts) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::string_view part : parts) crc = add_by_processor(crc, part);
    return ~crc;
  }
#endif
  return crc32c_by_table(parts);
}

}  // namespace weir::state
