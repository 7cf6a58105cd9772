#include "first_place.hpp"

#include <utility>

#include "state/atomic_file.hpp"
#include "state/epoch_file.hpp"

namespace weir::csv_tail {

void begin_at_first_place(Source& source, const std::string& folder, const std::function<void()>& look) {
  const std::string path = folder + "/start";
  const state::Origin origin{"csv-tail", source.schema(), ""};
  if (auto bytes = state::read_file(path)) {
    const state::EpochFile found = state::decode_epoch(std::move(*bytes), path);
    state::check_epoch(found, origin, 0, path);
    SnapshotReader reader(found.payload());
    source.restore(reader);
    return;
  }
  look();
  state::write_epoch(path, origin, 0, "", [&](SnapshotWriter& to) { source.snapshot(to); });
}

}  // namespace weir::csv_tail
