// A pattern as steps for the matcher.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "pattern.hpp"
#include "time/time_types.hpp"

namespace weir::cep_match {

enum class Op : std::uint8_t {
  label,     ///< one record of a variable
  split,     ///< tries `x`, then `y`
  loop,      ///< as split, of a repetition: after a round without a record it goes on at `exit`
  jump,      ///< goes on at `x`
  start,     ///< only before the first record of a key
  end,       ///< only after the last record of a key
  absence,   ///< no record of `absent` for so long, or to the end of the window
  not_next,  ///< the next record is none of `absent`
  accept     ///< the whole pattern
};

struct Instruction {
  Op op = Op::accept;
  Link link = Link::next;  ///< of a label
  bool excluded = false;   ///< of a label
  std::uint32_t label = 0;
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t exit = 0;
  Labels absent = 0;  ///< of a label: no such record before it
  std::optional<Duration> duration{};
};

/// A compiled pattern. It is run by threads that are kept in the order of preference, as in R. Pike's matcher (Russ
/// Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009).
struct Program {
  std::vector<Instruction> code;
  std::optional<Duration> within;
  std::optional<Duration> gap;
  Labels absent_before = 0;
  Duration before{};
  Labels first = 0;  ///< variables with which a match may begin
  Labels used = 0;   ///< variables of the pattern, absences included
  bool may_be_empty = false;
  bool has_next = false;     ///< a step must follow at once
  bool has_then = false;     ///< a step may pass over records
  bool waits = false;        ///< has absences with a time
  bool looks_ahead = false;  ///< has not_next or end
};

/// Compiles a pattern. A repetition of `then` steps passes over records between its rounds; `again` is the link between
/// the rounds of a first step. Throws std::invalid_argument on a pattern that is too large.
Program compile(const PatternSettings& pattern, Link again);

}  // namespace weir::cep_match
