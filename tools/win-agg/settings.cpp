// Which settings of win-agg go together.
#include <numeric>
#include <stdexcept>

#include "win_agg.hpp"

namespace weir {
namespace {

/// A window of overlapping ones is put together from this many panes at most.
constexpr std::int64_t max_panes = 100'000;

void check_overlap(const WinAggSettings& settings, Duration size) {
  if (settings.calendar) throw std::invalid_argument("--size goes with an --every of a fixed length");
  if (size < settings.every)
    throw std::invalid_argument("--size must not be shorter than --every: records would fall between the windows");
  if (size / Duration(std::gcd(size.count(), settings.every.count())) > max_panes)
    throw std::invalid_argument(
        "--size and --every have no large divisor in common: a window would be of 100000 panes and more");
}

}  // namespace

void check(const WinAggSettings& settings) {
  if (settings.size) check_overlap(settings, *settings.size);
  if (settings.count && settings.allow_late > Duration::zero())
    throw std::invalid_argument(
        "--allow-late does not go with --count: a record goes into the window at hand, however old it is");
  if (!settings.early) return;
  if (*settings.early <= Duration::zero()) throw std::invalid_argument("--early must be longer than 0s");
  if (!settings.having.empty())
    throw std::invalid_argument("--having does not go with --early: the last of a window's rows has to be written");
  if (settings.count || settings.partial == PartialRows::leave_out)
    throw std::invalid_argument("--early goes with --every and with --gap, and not with --drop-partial");
}

}  // namespace weir
