#include "schema/document.hpp"

#include <algorithm>
#include <functional>

#include "schema/numbers.hpp"

namespace weir::schema {

const char* Document::read(std::string_view text) {
  nodes_.clear();
  cursor_.resolved.clear();
  if (tokens_ == nullptr) tokens_ = std::make_unique<Tokens>();
  if (const char* reason = tokens_->scan(text)) return reason;
  cursor_.base = text.data();
  cursor_.limit = text.size();
  cursor_.at = tokens_->offsets();
  if (const char* reason = read_value(1, {})) return reason;
  return cursor_.at_end() ? nullptr : "more than one JSON document";
}

const char* Document::read_value(std::size_t depth, std::string_view name) {
  const auto place = static_cast<Place>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name = name;
  const char c = cursor_.peek();
  if (c != '{' && c != '[') {
    if (c == '\0') return unclosed;
    if (c == ',' || c == ':' || c == '}' || c == ']') return malformed;
    return cursor_.scalar(node.value);
  }
  if (depth > deepest) return too_deep;
  node.value.kind = c == '{' ? Kind::object : Kind::array;
  const char* const start = cursor_.here();
  ++cursor_.at;
  if (const char* reason = read_parts(place, c == '{' ? '}' : ']', depth)) return reason;
  Node& whole = nodes_[place];  // the list may have moved
  whole.size = static_cast<std::uint32_t>(nodes_.size() - place);
  whole.value.raw = {start, static_cast<std::size_t>(cursor_.base + cursor_.at[-1] + 1 - start)};
  whole.value.text = whole.value.raw;
  return nullptr;
}

const char* Document::read_parts(Place parent, char close, std::size_t depth) {
  if (cursor_.peek() == close) {
    ++cursor_.at;
    return nullptr;
  }
  for (;;) {
    std::string_view name;
    if (close == '}') {
      if (cursor_.peek() != '"') return cursor_.at_end() ? unclosed : malformed;
      Value key;
      if (const char* reason = cursor_.scalar(key)) return reason;
      if (cursor_.peek() != ':') return malformed;
      ++cursor_.at;
      name = key.text;
    }
    if (const char* reason = read_value(depth + 1, name)) return reason;
    ++nodes_[parent].members;
    const char c = cursor_.peek();
    if (c != close && c != ',') return c == '\0' ? unclosed : malformed;
    ++cursor_.at;
    if (c != close) continue;
    if (close == '}' && has_repeated(parent)) forget_repeated(parent);
    return nullptr;
  }
}

/// Whether two members have the same name. Sorts the places of many by their names.
bool Document::has_repeated(Place parent) {
  constexpr std::uint32_t few = 16;
  const auto stop = static_cast<Place>(nodes_.size());
  const auto name_of = [this](Place place) { return nodes_[place].name; };
  if (nodes_[parent].members <= few) {
    for (Place each = first(parent); each < stop; each = next(each))
      for (Place other = next(each); other < stop; other = next(other))
        if (name_of(each) == name_of(other)) return true;
    return false;
  }
  places_.clear();
  for (Place each = first(parent); each < stop; each = next(each)) places_.push_back(each);
  std::sort(places_.begin(), places_.end(), [&](Place a, Place b) { return name_of(a) < name_of(b); });
  return std::adjacent_find(places_.begin(), places_.end(),
                            [&](Place a, Place b) { return name_of(a) == name_of(b); }) != places_.end();
}

/// Removes each member that a later one of the same name replaces.
void Document::forget_repeated(Place parent) {
  const auto stop = static_cast<Place>(nodes_.size());
  places_.clear();
  for (Place each = first(parent); each < stop; each = next(each)) places_.push_back(each);
  std::sort(places_.begin(), places_.end(), [this](Place a, Place b) {
    const int order = nodes_[a].name.compare(nodes_[b].name);
    return order < 0 || (order == 0 && a < b);
  });
  std::vector<Place> kept;
  for (std::size_t i = 0; i < places_.size(); ++i)
    if (i + 1 == places_.size() || nodes_[places_[i]].name != nodes_[places_[i + 1]].name) kept.push_back(places_[i]);
  std::sort(kept.begin(), kept.end());
  Place to = first(parent);
  for (const Place each : kept) {
    const Place after = next(each);
    for (Place from = each; from < after; ++from, ++to)
      if (from != to) nodes_[to] = nodes_[from];
  }
  nodes_.resize(to);
  nodes_[parent].members = static_cast<std::uint32_t>(kept.size());
}

void Document::set_string(std::string_view text) {
  nodes_.resize(1);
  nodes_[0] = {};
  nodes_[0].value.kind = Kind::string;
  nodes_[0].value.text = nodes_[0].value.raw = text;
}

Place Document::find(Place object, std::string_view name) const {
  if (nodes_[object].value.kind != Kind::object) return 0;
  for (Place each = first(object); each != end(object); each = next(each))
    if (nodes_[each].name == name) return each;
  return 0;
}

bool equal(const Document& a, Place at_a, const Document& b, Place at_b) {
  const Node& left = a[at_a];
  const Node& right = b[at_b];
  if (left.value.kind != right.value.kind || left.members != right.members) return false;
  switch (left.value.kind) {
    case Kind::null:
      return true;
    case Kind::boolean:
    case Kind::string:
      return left.value.text == right.value.text;
    case Kind::number:
      return compare_numbers(left.value, right.value) == 0;
    case Kind::array:
      for (Place each = Document::first(at_a), other = Document::first(at_b); each != a.end(at_a);
           each = a.next(each), other = b.next(other))
        if (!equal(a, each, b, other)) return false;
      return true;
    case Kind::object:
      for (Place each = Document::first(at_a); each != a.end(at_a); each = a.next(each)) {
        const Place other = b.find(at_b, a[each].name);
        if (other == 0 || !equal(a, each, b, other)) return false;
      }
      return true;
    case Kind::missing:
      break;
  }
  return false;
}

std::uint64_t hash(const Document& document, Place at) {
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15U;
  const Node& node = document[at];
  std::uint64_t sum = static_cast<std::uint64_t>(node.value.kind) + 1;
  switch (node.value.kind) {
    case Kind::number:
      // Equal numbers are equal doubles; -0 and those beyond the range of a double are few.
      return sum * factor + std::hash<double>()(node.value.number().value_or(0) + 0.0);
    case Kind::boolean:
    case Kind::string:
      return sum * factor + std::hash<std::string_view>()(node.value.text);
    case Kind::array:
      for (Place each = Document::first(at); each != document.end(at); each = document.next(each))
        sum = (sum + hash(document, each)) * factor;
      return sum;
    case Kind::object:
      for (Place each = Document::first(at); each != document.end(at); each = document.next(each))
        sum += (std::hash<std::string_view>()(document[each].name) ^ hash(document, each)) * factor;
      return sum;
    default:
      return sum;
  }
}

}  // namespace weir::schema
