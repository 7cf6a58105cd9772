#include "csv/header.hpp"

#include <unordered_set>

namespace weir::csv {

std::vector<std::string> column_names(std::span<const std::string_view> header) {
  // Names in the row win over made ones: `a,a,a_2` gives a, a_3, a_2.
  std::unordered_set<std::string> taken;
  for (const std::string_view name : header) taken.emplace(name);
  std::unordered_set<std::string> seen;
  std::vector<std::string> names;
  for (const std::string_view cell : header) {
    std::string name(cell);
    const bool fits = !name.empty() && seen.insert(name).second;
    if (!fits) {
      const std::string base = name.empty() ? "column_" + std::to_string(names.size() + 1) : name;
      name = base;
      for (std::size_t n = 2; !taken.insert(name).second; ++n) name = base + '_' + std::to_string(n);
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::optional<std::string> named_twice(std::span<const std::string> names) {
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : names)
    if (!seen.insert(name).second) return name;
  return std::nullopt;
}

}  // namespace weir::csv
