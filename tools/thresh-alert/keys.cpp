#include "keys.hpp"

#include <cstring>

#include "record/json_text.hpp"

namespace weir {
namespace {

constexpr char missing_tag = 'z';
constexpr char string_tag = 's';
constexpr char other_tag = 'o';
constexpr std::size_t searches_saved = 64;

}  // namespace

bool KeyCodec::encode(std::string& out, const Record& record, const std::vector<FieldId>& fields) {
  out.clear();
  for (const FieldId field : fields) {
    const Value& value = record[field];
    if (value.kind == Kind::object || value.kind == Kind::array) return false;
    out += !value.present() ? missing_tag : value.kind == Kind::string ? string_tag : other_tag;
    const std::string_view text = value.present() ? value.text : std::string_view();
    const auto length = static_cast<std::uint32_t>(text.size());
    char bytes[sizeof length];
    std::memcpy(bytes, &length, sizeof length);
    out.append(bytes, sizeof length);
    out += text;
  }
  return true;
}

void KeyCodec::decode(std::string_view key,
                      const std::function<void(std::size_t, const std::string&, std::string_view)>& each) {
  for (std::size_t number = 0; !key.empty(); ++number) {
    const char tag = key.front();
    std::uint32_t length = 0;
    std::memcpy(&length, key.data() + 1, sizeof length);
    const std::string_view text = key.substr(1 + sizeof length, length);
    key.remove_prefix(1 + sizeof length + length);
    std::string token;
    if (tag == string_tag)
      append_json_string(token, text);
    else
      token = tag == missing_tag ? std::string_view("null") : text;
    each(number, token, tag == missing_tag ? std::string_view("null") : text);
  }
}

std::optional<KeyTable::Found> KeyTable::find(std::string_view key, const std::function<bool(Number)>& may_forget) {
  if (const auto found = numbers_.find(key); found != numbers_.end()) {
    entries_[found->second].asked_for = true;
    return Found{found->second, false};
  }
  Number number = static_cast<Number>(entries_.size());
  if (entries_.size() < most_) {
    entries_.emplace_back();
  } else {
    const auto freed = make_room(may_forget);
    if (!freed) return std::nullopt;
    number = *freed;
  }
  const auto added = numbers_.emplace(std::string(key), number).first;
  entries_[number] = {&added->first, true};
  return Found{number, true};
}

/// The second-chance clock: a hand goes round; a key that was asked for since it last passed is passed over once.
std::optional<KeyTable::Number> KeyTable::make_room(const std::function<bool(Number)>& may_forget) {
  if (futile_ > 0) {
    --futile_;
    return std::nullopt;
  }
  for (std::size_t steps = 0; steps < 2 * entries_.size(); ++steps) {
    const std::size_t at = hand_;
    hand_ = (hand_ + 1) % entries_.size();
    Entry& entry = entries_[at];
    if (entry.asked_for) {
      entry.asked_for = false;
    } else if (may_forget(static_cast<Number>(at))) {
      numbers_.erase(numbers_.find(*entry.key));
      ++forgotten_;
      return static_cast<Number>(at);
    }
  }
  futile_ = entries_.size() / searches_saved;
  return std::nullopt;
}

}  // namespace weir
