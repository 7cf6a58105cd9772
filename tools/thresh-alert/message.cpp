#include "message.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace weir::thresh_alert {
namespace {

constexpr std::array<std::string_view, 8> alert_values{"timestamp", "state",     "level", "rule",
                                                       "value",     "threshold", "since", "key"};

}  // namespace

bool MessageTemplate::is_word(std::string_view name) {
  return std::find(alert_values.begin(), alert_values.end(), name) != alert_values.end();
}

MessageTemplate::MessageTemplate(std::string_view text) : texts_(1) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = i + 1 < text.size() && text[i + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      texts_.back() += c;
      ++i;
    } else if (c == '}') {
      throw std::invalid_argument("a } without a { (write }} for the character itself)");
    } else if (c == '{') {
      const std::size_t close = text.find('}', i);
      if (close == std::string_view::npos)
        throw std::invalid_argument("a { that is not closed (write {{ for the character itself)");
      const std::string_view inside = text.substr(i + 1, close - i - 1);
      const std::size_t split = inside.find(":-");
      Place place;
      place.name = inside.substr(0, split);
      place.otherwise = split == std::string_view::npos ? "null" : inside.substr(split + 2);
      if (place.name.empty()) throw std::invalid_argument("an empty {}");
      place.is_word = is_word(place.name);
      places_.push_back(std::move(place));
      texts_.emplace_back();
      i = close;
    } else {
      texts_.back() += c;
    }
  }
}

void MessageTemplate::bind(FieldSet& fields) {
  for (Place& place : places_)
    if (!place.is_word) place.field = fields.add(place.name);
}

std::vector<std::string> MessageTemplate::needed_fields() const {
  std::vector<std::string> needed;
  for (const Place& place : places_)
    if (!place.is_word && place.otherwise == "null") needed.push_back(place.name);
  return needed;
}

void MessageTemplate::append(std::string& out, const std::function<bool(const Place&, std::string&)>& fill) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    out += texts_[i];
    if (!fill(places_[i], out)) out += places_[i].otherwise;
  }
  out += texts_.back();
}

}  // namespace weir::thresh_alert
