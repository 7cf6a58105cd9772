// The state of one object, saved and loaded as a checkpoint does it.
#pragma once
#include <string>
#include <string_view>

#include "state/archive.hpp"

namespace weir::test {

template <typename Value>
std::string saved_state(Value& value) {
  std::string bytes;
  SnapshotWriter writer(bytes);
  StateArchive archive(writer);
  archive.value(value);
  return bytes;
}

/// Loads what saved_state() gave into an object just made. Throws SnapshotError.
template <typename Value>
void load_state(Value& value, std::string_view bytes) {
  SnapshotReader reader(bytes);
  StateArchive archive(reader);
  archive.value(value);
  reader.finish();
}

}  // namespace weir::test
