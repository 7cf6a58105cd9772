#include "@FILE@.hpp"

namespace weir::@SPACE@ {

AnySource::Step @CLASS@::next(Output& out) {
  for (std::uint64_t lines = 0; lines < out.wanted && lines < 1000; ++lines) {
    if (position_.next > settings_.count) return Step::end;
    out.lines += "{\"n\":" + std::to_string(position_.next++) + "}\n";
  }
  return Step::more;
}

}  // namespace weir::@SPACE@
