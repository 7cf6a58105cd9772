#include "weather/words.hpp"

#include <array>
#include <cstddef>

namespace weir::weather {
namespace {

struct Word {
  std::string_view text;
  Phenomenon means;
};

constexpr std::array<Word, 18> words{{{"rain", Phenomenon::rain},
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

bool same(std::string_view token, std::string_view word) {
  if (token.size() != word.size() || lower(token.front()) != word.front()) return false;
  for (std::size_t i = 0; i < token.size(); ++i)
    if (lower(token[i]) != word[i]) return false;
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
    std::string_view token = description.substr(start, at - start);
    if (token.size() > 4 && lower(token.back()) == 's') token.remove_suffix(1);
    for (const Word& word : words)
      if (same(token, word.text)) found.add(word.means);
  }
  return found;
}

}  // namespace weir::weather
