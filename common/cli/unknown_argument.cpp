#include "cli/unknown_argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "record/edit_distance.hpp"

namespace weir::cli {
namespace {

/// What the options of other programs are called here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> other_names{{{"--window", "--every"},
                                                                                     {"--port", "--listen"},
                                                                                     {"--db", "--dsn"},
                                                                                     {"--database", "--dsn"},
                                                                                     {"--timezone", "--tz"},
                                                                                     {"--output", "--file"},
                                                                                     {"-h", "--host"},
                                                                                     {"-p", "--port"},
                                                                                     {"-P", "--password-file"},
                                                                                     {"-i", "--client-id"},
                                                                                     {"-d", "--delimiter"}}};

/// Whether one of the words of `--group-by` is the whole of `--by`.
bool is_word_of(std::string_view name, std::string_view option) {
  const std::string words = "-" + std::string(name.substr(2)) + "-";
  return words.find("-" + std::string(option.substr(2)) + "-") != std::string::npos;
}

}  // namespace

std::string nearest_option(const App& app, std::string_view name) {
  name = name.substr(0, name.find('='));
  const bool is_letter = name.size() >= 2 && name[0] == '-' && name[1] != '-';
  if (is_letter) name = name.substr(0, 2);
  if (!is_letter && name.size() < 4) return {};
  std::string nearest;
  const std::size_t letters = name.size() - 2;            // 0 of a single letter
  std::size_t least = letters < 5 ? 1 : letters / 3 + 1;  // more letters make another word of it
  for (const Option* option : app.options()) {
    for (const std::string& each : option->names) {
      if (!each.starts_with("--")) continue;
      if (std::find(other_names.begin(), other_names.end(), std::pair(name, std::string_view(each))) !=
          other_names.end())
        return each;
      if (is_letter) continue;
      const std::size_t distance = is_word_of(name, each) ? 1 : edit_distance(name, each);
      if (distance > least || (distance == least && !nearest.empty())) continue;
      least = distance;
      nearest = each;
    }
  }
  return nearest;
}

std::string unknown_arguments(const App& app, std::span<char* const> given, std::vector<std::string> unknown) {
  std::string text;
  for (const std::string_view argument : given) {
    const auto found = std::find(unknown.begin(), unknown.end(), argument);
    if (found == unknown.end()) continue;
    unknown.erase(found);
    if (!text.empty()) text += "; ";
    if (!argument.starts_with('-')) {
      text += fmt::format("'{}' is not expected", argument);
      continue;
    }
    text += fmt::format("there is no option {}", argument.substr(0, argument.find('=')));
    if (const std::string meant = nearest_option(app, argument); !meant.empty())
      text += fmt::format(" (did you mean {}?)", meant);
  }
  return text;
}

}  // namespace weir::cli
