// The texts of queries, in the languages of the servers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "time/time_types.hpp"

namespace weir::influx_query {

enum class Language : std::uint8_t { influxql, flux, sql };

/// What is asked for, as options give it.
struct Selection {
  std::string bucket;  ///< for Flux
  std::string measurement;
  std::vector<std::string> fields;                         ///< empty: all
  std::vector<std::string> by;                             ///< tags that make groups
  std::vector<std::pair<std::string, std::string>> where;  ///< tags and the values that they must have
  bool last = false;                                       ///< only the newest row of each group
  std::optional<Duration> mean;                            ///< the length of windows whose means are asked for
};

/// The time that is asked for: from `since`, until before `until`.
struct Span {
  Time since;
  Time until;
};

/// Throws std::invalid_argument, naming the option, where a selection cannot be asked for.
void check(const Selection& selection, Language language);

/// The query. All names and values in it are quoted: none can become a part of the language.
std::string query_text(const Selection& selection, const Span& span, Language language);

/// The text with each `{since}` and `{until}` replaced by a time in RFC 3339.
std::string filled_in(std::string_view text, const Span& span, Language language);

/// Quotes, as the languages have them.
std::string identifier(std::string_view name, Language language);
std::string literal(std::string_view text, Language language);

}  // namespace weir::influx_query
