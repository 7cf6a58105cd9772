#include "subscribers/subscribers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "net/smtp/header.hpp"

namespace weir {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split_cities(std::string_view text) {
  std::vector<std::string> cities;
  while (!text.empty()) {
    const auto end = text.find(';');
    const std::string_view city = trim(text.substr(0, end));
    if (!city.empty() && std::find(cities.begin(), cities.end(), city) == cities.end()) cities.emplace_back(city);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return cities;
}

struct Columns {
  std::size_t email;
  std::optional<std::size_t> cities;
  std::optional<std::size_t> name;
  std::optional<std::size_t> timezone;
};

std::string_view cell(const csv::Table::Line& row, const std::optional<std::size_t>& column) {
  return column ? trim(row.cells[*column]) : std::string_view();
}

/// Reads a row. Throws std::invalid_argument with the reason.
Subscriber subscriber_of(const csv::Table::Line& row, const Columns& columns, const Zone& zone) {
  Subscriber made;
  // An address with a line break is an attempt at another header; trimming would hide it, so it is refused first.
  made.email = cell(row, columns.email);
  if (const std::string problem = smtp::address_problem(made.email); !problem.empty())
    throw std::invalid_argument(problem);
  made.name = cell(row, columns.name);
  if (const std::string problem = smtp::header_text_problem(made.name); !problem.empty())
    throw std::invalid_argument("name: " + problem);
  const std::string_view cities = cell(row, columns.cities);
  if (const std::string problem = smtp::header_text_problem(cities); !problem.empty())
    throw std::invalid_argument("cities: " + problem);
  made.cities = split_cities(cities);
  made.zone = zone;
  if (const std::string_view name = cell(row, columns.timezone); !name.empty()) {
    if (const std::string problem = smtp::header_text_problem(name); !problem.empty())
      throw std::invalid_argument("timezone: " + problem);
    made.zone = Zone::named(name, "timezone");
  }
  return made;
}

}  // namespace

std::string address_key(std::string_view address) {
  std::string key(address);
  for (char& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return key;
}

SubscriberList subscribers_of(const csv::Table& table, const Zone& zone) {
  const auto email = table.column("email");
  if (!email) throw SubscriberListError("there is no column 'email'");
  const Columns columns{*email, table.column("cities"), table.column("name"), table.column("timezone")};
  SubscriberList list;
  for (const auto& problem : table.problems) list.problems.push_back({problem.line, problem.reason});
  std::unordered_map<std::string, std::size_t> places;
  std::vector<std::uint64_t> lines;
  for (const auto& row : table.rows) {
    try {
      Subscriber made = subscriber_of(row, columns, zone);
      const auto [place, is_new] = places.emplace(address_key(made.email), list.subscribers.size());
      if (is_new) {
        list.subscribers.push_back(std::move(made));
        lines.push_back(row.line);
      } else {
        list.duplicates.push_back(
            {lines[place->second], fmt::format("{} comes again in line {}, which counts", made.email, row.line)});
        lines[place->second] = row.line;
        list.subscribers[place->second] = std::move(made);
      }
    } catch (const std::invalid_argument& problem) {
      list.problems.push_back({row.line, problem.what()});
    }
  }
  std::sort(list.problems.begin(), list.problems.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  return list;
}

const Subscriber* find_subscriber(const SubscriberList& list, std::string_view email) {
  const std::string key = address_key(email);
  for (const Subscriber& each : list.subscribers)
    if (address_key(each.email) == key) return &each;
  return nullptr;
}

}  // namespace weir
