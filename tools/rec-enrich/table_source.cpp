#include "table_source.hpp"

#include <fmt/format.h>

#include "record/counted.hpp"

namespace weir::rec_enrich {

std::optional<std::string> TableSource::look() {
  return file_.look() ? std::optional(counted(file_.table().size(), "row")) : std::nullopt;
}

std::string TableSource::hint() const {
  std::string text;
  const auto add = [&](std::size_t count, std::string_view what) {
    if (count > 0) text += fmt::format("{}{}: {} {}", text.empty() ? "" : "; ", name(), counted(count, "row"), what);
  };
  add(file_.table().without_key(), "without a key left out");
  add(file_.table().duplicates(), "left out: another one has the same key");
  return text;
}

}  // namespace weir::rec_enrich
