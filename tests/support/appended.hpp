// Functions that append to a text, as functions that return one.
#pragma once
#include <string>

namespace weir::test {

/// What `append(out, arguments…)` appends to an empty text.
template <typename Append, typename... Arguments>
std::string appended(Append append, const Arguments&... arguments) {
  std::string out;
  append(out, arguments...);
  return out;
}

}  // namespace weir::test
