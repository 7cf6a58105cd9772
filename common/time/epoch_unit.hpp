// The units of times that are numbers.
#pragma once
#include <cstdint>

namespace weir {

/// The unit of a number of time since 1970: seconds, milli-, micro- or nanoseconds; minutes and hours only where a
/// protocol has them.
enum class EpochUnit : std::uint8_t { s, ms, us, ns, m, h };

constexpr std::int64_t nanoseconds(EpochUnit unit) {
  switch (unit) {
    case EpochUnit::ns:
      return 1;
    case EpochUnit::us:
      return 1'000;
    case EpochUnit::ms:
      return 1'000'000;
    case EpochUnit::s:
      break;
    case EpochUnit::m:
      return 60'000'000'000;
    case EpochUnit::h:
      return 3'600'000'000'000;
  }
  return 1'000'000'000;
}

}  // namespace weir
