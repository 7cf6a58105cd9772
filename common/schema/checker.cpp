#include "schema/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "record/json_text.hpp"
#include "record/value_checks.hpp"
#include "schema/numbers.hpp"

namespace weir::schema {
namespace {

std::uint64_t characters(std::string_view text) {
  return static_cast<std::uint64_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

bool is_plain_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string type_names(std::uint8_t types) {
  constexpr std::array<std::pair<std::uint8_t, const char*>, 7> all{{{null_type, "null"},
                                                                     {boolean_type, "boolean"},
                                                                     {integer_type, "integer"},
                                                                     {number_type, "number"},
                                                                     {string_type, "string"},
                                                                     {array_type, "array"},
                                                                     {object_type, "object"}}};
  std::string names;
  for (const auto& [type, name] : all)
    if ((types & type) != 0) names += fmt::format("{}{}", names.empty() ? "" : " or ", name);
  return names;
}

/// A value as it stands in a message.
std::string shown(const Node& node) { return shortened(node.value.raw); }

}  // namespace

bool Checker::check(const Document& document, std::string& reasons) {
  document_ = &document;
  way_.clear();
  reasons_ = nullptr;
  if (rule(0, 0)) return true;
  reasons_ = &reasons;  // a second time, to tell why: most records are good
  rule(0, 0);
  return false;
}

bool Checker::rule(RuleId id, Place at) {
  const bool outer = good_;
  good_ = true;
  const Rule& rule = *program_.rules[id];
  if (rule.never) fail("false", "nothing is allowed here");
  values(rule, at);
  switch ((*document_)[at].value.kind) {
    case Kind::string:
      strings(rule, at);
      break;
    case Kind::object:
      objects(rule, at);
      break;
    case Kind::array:
      arrays(rule, at);
      break;
    default:
      break;
  }
  if (good_ || reasons_ != nullptr) combinations(rule, at);
  const bool result = good_;
  good_ = outer && result;
  return result;
}

void Checker::child(RuleId id, Place parent, Place at) {
  way_.push_back({parent, at});
  rule(id, at);
  way_.pop_back();
}

bool Checker::fits(RuleId id, Place at) {
  std::string* const asked = reasons_;
  const bool outer = good_;
  reasons_ = nullptr;
  const bool result = rule(id, at);
  reasons_ = asked;
  good_ = outer;
  return result;
}

void Checker::fail(const char* keyword, std::string_view text) {
  good_ = false;
  if (reasons_ == nullptr) return;
  if (!reasons_->empty()) *reasons_ += "; ";
  append_place();
  *reasons_ += fmt::format(": {}: {}", keyword, text);
}

/// Appends the place of the value that is checked, in the form of JSONPath.
void Checker::append_place() {
  *reasons_ += '$';
  for (const Step& step : way_) {
    const Node& parent = (*document_)[step.parent];
    if (parent.value.kind == Kind::array) {
      std::size_t index = 0;
      for (Place each = Document::first(step.parent); each != step.child; each = document_->next(each)) ++index;
      *reasons_ += fmt::format("[{}]", index);
      continue;
    }
    const std::string_view name = (*document_)[step.child].name;
    if (is_plain_name(name)) {
      *reasons_ += '.';
      *reasons_ += name;
    } else {
      *reasons_ += '[';
      append_json_string(*reasons_, shortened(name));
      *reasons_ += ']';
    }
  }
}

bool Checker::is_of(std::uint8_t types, const Value& value) const {
  switch (value.kind) {
    case Kind::null:
      return (types & null_type) != 0;
    case Kind::boolean:
      return (types & boolean_type) != 0;
    case Kind::string:
      return (types & string_type) != 0;
    case Kind::array:
      return (types & array_type) != 0;
    case Kind::object:
      return (types & object_type) != 0;
    case Kind::number:
      if ((types & number_type) != 0) return true;
      if ((types & integer_type) == 0) return false;
      // In draft 4 a whole number with a point is not an integer.
      return program_.draft == Draft::four ? value.raw.find_first_of(".eE") == std::string_view::npos
                                           : is_whole_number(value);
    case Kind::missing:
      break;
  }
  return false;
}

/// The keywords for values of any type, and for numbers.
void Checker::values(const Rule& rule, Place at) {
  const Node& node = (*document_)[at];
  if (rule.types != 0 && !is_of(rule.types, node.value))
    fail("type", reasons_ == nullptr ? "" : fmt::format("{} is not {}", shown(node), type_names(rule.types)));
  for (const auto& choice : rule.choices) {
    bool one = false;
    for (Place each = Document::first(0); each != choice->values.end(0) && !one; each = choice->values.next(each))
      one = equal(*document_, at, choice->values, each);
    if (!one)
      fail(choice->keyword,
           reasons_ == nullptr ? "" : fmt::format("{} is not one of {}", shown(node), shortened(choice->text, 120)));
  }
  if (node.value.kind != Kind::number) return;
  for (const auto& limit : rule.limits) {
    bool good = false;
    const char* wrong = "";
    switch (limit->kind) {
      case Limit::minimum:
        good = compare_numbers(node.value, limit->value) >= 0;
        wrong = "is below";
        break;
      case Limit::maximum:
        good = compare_numbers(node.value, limit->value) <= 0;
        wrong = "is above";
        break;
      case Limit::exclusive_minimum:
        good = compare_numbers(node.value, limit->value) > 0;
        wrong = "is not above";
        break;
      case Limit::exclusive_maximum:
        good = compare_numbers(node.value, limit->value) < 0;
        wrong = "is not below";
        break;
      case Limit::multiple_of:
        good = is_multiple(node.value, limit->value);
        wrong = "is not a multiple of";
        break;
    }
    if (!good)
      fail(limit->keyword, reasons_ == nullptr ? "" : fmt::format("{} {} {}", shown(node), wrong, limit->token));
  }
}

namespace {

/// What is wrong with a length or count.
std::string size_text(const SizeLimit& limit, std::uint64_t size) {
  constexpr std::array<const char*, 3> units{"characters", "items", "members"};
  return fmt::format("{} {}, {} than {}", size, units[limit.kind], limit.is_maximum ? "more" : "fewer", limit.limit);
}

std::string no_match_text(const std::string& text, const Pattern& pattern, Match match) {
  return match == Match::too_long ? fmt::format("{} takes too many steps for {}", text, pattern.text())
                                  : fmt::format("{} does not match {}", text, pattern.text());
}

}  // namespace

void Checker::strings(const Rule& rule, Place at) {
  const std::string_view text = (*document_)[at].value.text;
  for (const SizeLimit& limit : rule.sizes) {
    if (limit.kind != SizeLimit::length) continue;
    const std::uint64_t size = characters(text);
    if (limit.is_maximum ? size > limit.limit : size < limit.limit) fail(limit.keyword, size_text(limit, size));
  }
  for (const Pattern& pattern : rule.patterns)
    if (const Match match = pattern.find(text); match != Match::yes)
      fail("pattern", reasons_ == nullptr ? "" : no_match_text(shown((*document_)[at]), pattern, match));
  for (const auto& [name, fits] : rule.formats)
    if (!fits(text))
      fail("format", reasons_ == nullptr ? "" : fmt::format("{} is not a {}", shown((*document_)[at]), name));
}

/// Whether a name matches; one that takes too long is reported.
bool Checker::matches(const Pattern& pattern, std::string_view name) {
  const Match match = pattern.find(name);
  if (match == Match::too_long)
    fail("patternProperties", reasons_ == nullptr ? "" : no_match_text(shortened(name), pattern, match));
  return match == Match::yes;
}

void Checker::objects(const Rule& rule, Place at) {
  const Node& node = (*document_)[at];
  for (const SizeLimit& limit : rule.sizes)
    if (limit.kind == SizeLimit::properties && (limit.is_maximum ? node.members > limit.limit : node.members < limit.limit))
      fail(limit.keyword, size_text(limit, node.members));
  for (const std::string& name : rule.required)
    if (document_->find(at, name) == 0) fail("required", reasons_ == nullptr ? "" : name + " is missing");
  members(rule, at);
  for (const auto& [name, needed] : rule.property_dependencies) {
    if (document_->find(at, name) == 0) continue;
    for (const std::string& each : needed)
      if (document_->find(at, each) == 0)
        fail("dependencies", reasons_ == nullptr ? "" : fmt::format("{} is missing, which {} needs", each, name));
  }
  for (const auto& [name, id] : rule.schema_dependencies)
    if (document_->find(at, name) != 0) this->rule(id, at);
}

/// The keywords for an object's members, by their names.
void Checker::members(const Rule& rule, Place at) {
  for (const auto& [name, id] : rule.properties)
    if (const Place member = document_->find(at, name); member != 0) child(id, at, member);
  const bool others = rule.other_properties != Rule::Others::any;
  if (!others && rule.pattern_properties.empty() && rule.property_names.empty()) return;
  std::string extra;
  for (Place each = Document::first(at); each != document_->end(at); each = document_->next(each)) {
    const std::string_view name = (*document_)[each].name;
    bool known = std::any_of(rule.properties.begin(), rule.properties.end(),
                             [&](const auto& property) { return property.first == name; });
    for (const auto& [pattern, id] : rule.pattern_properties) {
      if (!matches(pattern, name)) continue;
      known = true;
      child(id, at, each);
    }
    for (const RuleId id : rule.property_names) names(id, each);
    if (known || !others) continue;
    if (rule.other_properties == Rule::Others::checked) {
      child(rule.other_property, at, each);
    } else {
      extra += extra.empty() ? "" : ", ";
      extra += shortened(name);
    }
  }
  if (!extra.empty()) fail("additionalProperties", shortened(extra, 200) + " must not be there");
}

/// Checks a member's name as if it were a string.
void Checker::names(RuleId id, Place member) {
  const Document* const whole = document_;
  const std::string_view text = (*whole)[member].name;
  name_.set_string(text);
  document_ = &name_;
  const bool good = fits(id, 0);
  document_ = whole;
  if (!good) fail("propertyNames", reasons_ == nullptr ? "" : shortened(text) + " is not a name that fits");
}

void Checker::arrays(const Rule& rule, Place at) {
  const Node& node = (*document_)[at];
  for (const SizeLimit& limit : rule.sizes)
    if (limit.kind == SizeLimit::items && (limit.is_maximum ? node.members > limit.limit : node.members < limit.limit))
      fail(limit.keyword, size_text(limit, node.members));
  std::size_t index = 0;
  for (Place each = Document::first(at); each != document_->end(at); each = document_->next(each), ++index) {
    for (const RuleId id : rule.each_item) child(id, at, each);
    if (index < rule.first_items.size())
      child(rule.first_items[index], at, each);
    else if (rule.other_items == Rule::Others::checked)
      child(rule.other_item, at, each);
  }
  if (rule.other_items == Rule::Others::none && node.members > rule.first_items.size())
    fail("additionalItems", fmt::format("{} items, more than {}", node.members, rule.first_items.size()));
  for (const RuleId id : rule.contains) {
    bool one = false;
    for (Place each = Document::first(at); each != document_->end(at) && !one; each = document_->next(each))
      one = fits(id, each);
    if (!one) fail("contains", "no item fits");
  }
  if (rule.unique_items) unique_items(at);
}

void Checker::unique_items(Place at) {
  hashes_.clear();
  for (Place each = Document::first(at); each != document_->end(at); each = document_->next(each))
    hashes_.emplace_back(hash(*document_, each), each);
  std::sort(hashes_.begin(), hashes_.end());
  for (std::size_t i = 0; i < hashes_.size(); ++i)
    for (std::size_t j = i + 1; j < hashes_.size() && hashes_[j].first == hashes_[i].first; ++j)
      if (equal(*document_, hashes_[i].second, *document_, hashes_[j].second))
        return fail("uniqueItems", reasons_ == nullptr ? "" : shown((*document_)[hashes_[i].second]) + " is there twice");
}

void Checker::combinations(const Rule& rule, Place at) {
  for (const RuleId id : rule.all_of) this->rule(id, at);
  for (const auto& ids : rule.any_of)
    if (std::none_of(ids.begin(), ids.end(), [&](RuleId id) { return fits(id, at); }))
      fail("anyOf", reasons_ == nullptr ? "" : fmt::format("none of {} schemas fits", ids.size()));
  for (const auto& ids : rule.one_of) {
    const auto fitting = std::count_if(ids.begin(), ids.end(), [&](RuleId id) { return fits(id, at); });
    if (fitting != 1)
      fail("oneOf", reasons_ == nullptr ? "" : fmt::format("{} of {} schemas fit, not one", fitting, ids.size()));
  }
  for (const RuleId id : rule.none_of)
    if (fits(id, at)) fail("not", "the schema fits, and must not");
  for (const Rule::Condition& each : rule.conditions)
    for (const RuleId id : fits(each.condition, at) ? each.then : each.otherwise) this->rule(id, at);
}

}  // namespace weir::schema
