// Cases of patterns over a few records of one key, and what they match as one text.
#pragma once
#include <string>
#include <string_view>

#include "settings.hpp"

namespace weir::cep_match::cases {

/// Variables that fit the records of their letter.
inline const std::string ab = " DEFINE A AS v = 'a', B AS v = 'b'";
inline const std::string abc = ab + ", C AS v = 'c'";

/// A case of SQL's form. Records are words: `a` has "v":"a", `90` has "n":90; both have "id", from 1, and the second of
/// their id as their time. `rest` follows MEASURES … ALL ROWS PER MATCH, which has `others` after it.
///
/// A match is `number:` and its records, each its id and variable: `1: 1A 2B | 2: 4A`. An empty match has `ID()`, and
/// a record of no match is `-ID`.
std::string sql(std::string_view records, const std::string& rest, const std::string& others = {});

/// A case of the line form: the matches as in sql(), each `ids and steps`, for example `1a 3b | 4a 5b`. A word `5:a` is
/// at second 5; without it a record is one second after the one before it. A time-out has a `!` before it.
/// `definitions` are joined by `;`; without them a step fits the records whose word is its name.
std::string line(std::string_view records, const std::string& pattern, Settings settings = {},
                 const std::string& definitions = {});

/// The measures of a case of SQL's form with ONE ROW PER MATCH, each row as JSON without its window: `{"x":1} {"x":2}`.
std::string measured(std::string_view records, const std::string& measures, const std::string& rest);

/// A measure with ALL ROWS PER MATCH, its value in each row: `1 3 6`. A word `p/5:a` is of the key p, in the field k.
/// The clauses before MEASURES are `settings.match_recognize`.
std::string running(std::string_view records, const std::string& measure, const std::string& rest,
                    Settings settings = {});

/// The message of settings that do not do.
std::string refusal(const Settings& settings);

}  // namespace weir::cep_match::cases
