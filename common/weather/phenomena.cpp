#include "weather/phenomena.hpp"

#include <array>
#include <cstddef>

namespace weir::weather {
namespace {

struct Term {
  std::string_view text;
  Phenomenon phenomenon;
};

constexpr std::array<Term, 18> terms{{{"rain", Phenomenon::rain},
                                      {"drizzle", Phenomenon::drizzle},
                                      {"shower", Phenomenon::shower},
                                      {"sleet", Phenomenon::sleet},
                                      {"snow", Phenomenon::snow},
                                      {"hail", Phenomenon::hail},
                                      {"freezing", Phenomenon::freezing},
                                      {"thunderstorm", Phenomenon::thunderstorm},
                                      {"thunder", Phenomenon::thunderstorm},
                                      {"squall", Phenomenon::squall},
                                      {"tornado", Phenomenon::tornado},
                                      {"fog", Phenomenon::fog},
                                      {"mist", Phenomenon::mist},
                                      {"haze", Phenomenon::haze},
                                      {"smoke", Phenomenon::smoke},
                                      {"dust", Phenomenon::dust},
                                      {"sand", Phenomenon::sand},
                                      {"ash", Phenomenon::ash}}};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool same(std::string_view word, std::string_view term) {
  if (word.size() != term.size() || lower(word.front()) != term.front()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (lower(word[i]) != term[i]) return false;
  return true;
}

}  // namespace

Phenomena phenomena_in(std::string_view description) {
  Phenomena found;
  std::size_t at = 0;
  while (at < description.size()) {
    while (at < description.size() && !is_letter(description[at])) ++at;
    const std::size_t start = at;
    while (at < description.size() && is_letter(description[at])) ++at;
    std::string_view word = description.substr(start, at - start);
    if (word.size() > 4 && lower(word.back()) == 's') word.remove_suffix(1);
    for (const Term& term : terms)
      if (same(word, term.text)) found.add(term.phenomenon);
  }
  return found;
}

}  // namespace weir::weather
