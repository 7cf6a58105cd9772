#include "record/group_key.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/field_as.hpp"
#include "record/json_text.hpp"
#include "record/token_order.hpp"

namespace weir {
namespace {

/// The separator between the fields of a key: a JSON token never has a bare control character.
constexpr char separator = '\x1f';

/// Cuts the first field off `rest`.
std::string_view next_token(std::string_view& rest) {
  const std::size_t end = rest.find(separator);
  const std::string_view token = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return token;
}

}  // namespace

GroupKey::GroupKey(const std::vector<std::string>& paths, FieldSet& fields) {
  for (const std::string& each : paths) {
    auto [path, name] = read_field_as(each);
    if (name.empty()) name = FieldSet::plain_name(path);
    const FieldId id = fields.add(path);
    if (std::find(ids_.begin(), ids_.end(), id) != ids_.end())
      throw std::invalid_argument("the field '" + path + "' is named twice");
    ids_.push_back(id);
    names_.push_back(std::move(name));
    std::string& opening = openings_.emplace_back(",");
    append_json_string(opening, names_.back());
    opening += ':';
  }
}

void GroupKey::give(std::size_t field, std::string_view number) {
  given_.resize(ids_.size());
  given_.at(field) = {Kind::number, number, number};
}

Verdict GroupKey::append(const Value& value, std::size_t field) {
  switch (value.kind) {
    case Kind::missing:
      scratch_ += "null";
      break;
    case Kind::object:
    case Kind::array:
      return Verdict::reject(names_[field] + " is an object or array; a key is a string, a number, a boolean or null");
    default:
      if (has_escape(value)) {
        append_json_string(scratch_, value.text);  // "\u0041" and "A" are the same key
      } else {
        scratch_ += value.raw;
      }
  }
  return Verdict::ok();
}

Verdict GroupKey::compose(const Record& record, std::string_view& key) {
  scratch_.clear();
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (i > 0) scratch_ += separator;
    const bool given = !given_.empty() && given_[i].present();
    if (Verdict verdict = append(given ? given_[i] : record[ids_[i]], i); verdict.rejected()) return verdict;
  }
  if (scratch_.size() > max_size) return Verdict::reject("the key is longer than 4096 bytes");
  key = scratch_;
  return Verdict::ok();
}

void GroupKey::append_members(std::string& out, std::string_view key) const {
  if (openings_.size() == 1) {
    out += openings_[0];
    out += key;
    return;
  }
  for (const std::string& opening : openings_) {
    out += opening;
    out += next_token(key);
  }
}

void GroupKey::append_field(std::string& to, std::string_view key, std::size_t field) {
  for (; field > 0; --field) next_token(key);
  if (!to.empty()) to += separator;
  to += next_token(key);
}

Verdict GroupKey::refuse_new(std::size_t held) {
  return Verdict::reject("a new key, and " + std::to_string(held) + " others are held (--max-keys)");
}

std::uint64_t GroupKey::order_prefix(std::string_view key) { return weir::order_prefix(next_token(key)); }

int GroupKey::compare(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (const int order = compare_tokens(next_token(a), next_token(b)); order != 0) return order;
  }
  return a.empty() ? (b.empty() ? 0 : -1) : 1;
}

}  // namespace weir
