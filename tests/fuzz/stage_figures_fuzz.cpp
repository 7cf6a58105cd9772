// links: stage_pipe-health
// Files of figures: any bytes give a page of heads and samples, which merged again is the same. Checks: any text is a
// place or a reason.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "stage_figures.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::pipe_health;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t half = size / 2;
  const std::string page = merged({text.substr(0, half), text.substr(half), text});
  if (merged({page}) != page) std::abort();
  if (!page.empty() && !page.starts_with("# HELP ")) std::abort();
  try {
    const Target target = parse_target(text);
    if (target.name.empty() || (target.kind != Kind::state && target.kind != Kind::postgres && target.host.empty()))
      std::abort();
  } catch (const std::invalid_argument&) {
    return 0;
  }
  return 0;
}
