// Patterns over a few records, a case a line, for tests/support/cep-model: FORM TAB SKIP TAB RECORDS TAB PATTERN TAB
// DEFINITIONS in, what they match out.
#include <fmt/format.h>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "cases.hpp"

int main() {
  for (std::string text; std::getline(std::cin, text);) {
    std::vector<std::string> parts(1);
    for (const char c : text)
      if (c == '\t')
        parts.emplace_back();
      else
        parts.back() += c;
    if (parts.size() != 5) return 2;
    try {
      weir::cep_match::Settings settings;
      if (parts[0] == "sql") {
        std::cout << weir::cep_match::cases::sql(parts[2], parts[1] + " PATTERN (" + parts[3] + ") DEFINE " + parts[4])
                  << '\n';
      } else {
        settings.skip = parts[1];
        std::cout << weir::cep_match::cases::line(parts[2], parts[3], settings, parts[4]) << '\n';
      }
    } catch (const std::exception& error) {
      std::cout << "refused: " << error.what() << '\n';
    }
  }
  return 0;
}
