// The settings of cep-match, as its options give them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "record/counted.hpp"
#include "record/time_field.hpp"
#include "time/time_types.hpp"

namespace weir::cep_match {

/// Where the search goes on after a match.
enum class Skip : std::uint8_t {
  past_last,  ///< after its last record
  next_row,   ///< at the record after its first
  to_first,   ///< at the first record of a variable
  to_last,    ///< at the last record of a variable
  none        ///< at every record, and every match of each beginning counts
};

/// What is written of a match.
enum class Rows : std::uint8_t { one, all };

/// Which rows Rows::all has beside those of matches.
enum class Others : std::uint8_t {
  empty,     ///< a row for each empty match
  no_empty,  ///< none
  unmatched  ///< those of empty matches, and records of no match
};

/// Whether partial matches whose time is up are written.
enum class Timeouts : std::uint8_t { leave_out, write };

/// Whose times the watermark follows.
enum class WatermarkOf : std::uint8_t { stream, key, input };

struct Settings {
  TimeSettings time;
  std::vector<std::string> by;
  std::string pattern;                ///< in a line; empty with match_recognize
  std::vector<std::string> define;    ///< each `NAME: CONDITION`
  std::vector<std::string> measures;  ///< each `NAME = EXPRESSION`
  std::string skip = "past-last";     ///< or next-row, none, first:NAME, last:NAME
  std::string match_recognize;        ///< the clauses of MATCH_RECOGNIZE
  Rows rows = Rows::one;
  Timeouts timeouts = Timeouts::leave_out;
  Duration lateness{};
  WatermarkOf watermark = WatermarkOf::stream;
  LateOption late;
  std::uint64_t max_keys = 1'000'000;
  std::uint64_t max_records = 10'000;                  ///< held of a key
  std::uint64_t max_threads = 1'000;                   ///< of an attempt, and attempts of a key
  std::uint64_t max_held = std::uint64_t{512} << 20U;  ///< bytes of records and partial matches
  bool strict = false;
};

}  // namespace weir::cep_match
