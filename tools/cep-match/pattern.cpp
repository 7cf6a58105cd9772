#include "pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace weir::cep_match {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool Variables::same(std::string_view a, std::string_view b) const {
  if (!fold_case_) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint32_t> Variables::find(std::string_view name) const {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (same(names_[i], name)) return static_cast<std::uint32_t>(i);
  return std::nullopt;
}

std::uint32_t Variables::add(std::string_view name) {
  if (const auto found = find(name)) return *found;
  if (labels(name)) throw std::invalid_argument(fmt::format("{} is a union of variables (SUBSET)", name));
  if (names_.size() == max_labels)
    throw std::invalid_argument(fmt::format("a pattern has at most {} variables", max_labels));
  names_.emplace_back(name);
  return static_cast<std::uint32_t>(names_.size() - 1);
}

std::optional<Labels> Variables::labels(std::string_view name) const {
  if (const auto found = find(name)) return Labels{1} << *found;
  for (const Union& each : unions_)
    if (same(each.name, name)) return each.labels;
  return std::nullopt;
}

void Variables::add_union(std::string_view name, Labels labels) {
  if (this->labels(name)) throw std::invalid_argument(fmt::format("SUBSET: {} is a variable already", name));
  unions_.push_back({std::string(name), labels});
}

bool Pattern::may_be_empty() const {
  const auto empty = [](const Pattern& part) { return part.may_be_empty(); };
  switch (kind) {
    case Kind::label:
      return false;
    case Kind::repeat:
      return least == 0 || empty(parts.front());
    case Kind::sequence:
    case Kind::exclusion:
      return std::all_of(parts.begin(), parts.end(), empty);
    case Kind::alternation:
      return std::any_of(parts.begin(), parts.end(), empty);
    default:
      return true;
  }
}

std::size_t Pattern::size() const {
  std::size_t size = 1;
  for (const Pattern& part : parts) size += part.size();
  return size;
}

void fail_too_large() {
  throw std::invalid_argument(fmt::format(
      "the pattern has more than {} steps, the most there may be (x{{2,9}} counts as 9 of x): use smaller counts, or "
      "+ in their place",
      max_pattern));
}

}  // namespace weir::cep_match
