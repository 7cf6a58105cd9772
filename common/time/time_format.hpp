// Times written in a form that the user describes.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "time/time_types.hpp"

namespace weir {

/// A time as it is written.
struct WrittenTime {
  enum class Kind : std::uint8_t {
    instant,  ///< it has an offset: `since_1970` is in UTC
    local     ///< it is a wall-clock time
  };
  Kind kind = Kind::local;
  Duration since_1970{};
  std::string_view abbreviation{};  ///< of the zone, such as CEST, where it has one: a part of the text
};

/// A format in the letters of strptime(3), compiled once.
///
/// %Y %y %m %b %B %d %e %j the date, %H %k %I %l %p %M %S %f (fraction of a second) the time of day, %z an offset, %Z
/// an abbreviation, %s seconds since 1970, %a %A a day of the week (not used), %F %D %T %R %r as strptime has them.
/// Names are English, in any case. Numbers may lack leading zeros; a blank stands for any blanks. 24:00 is the end of
/// the day. The word `excel` stands for the days of spreadsheets since 1899-12-30, with a fraction.
class TimeFormat {
 public:
  /// Throws std::invalid_argument for a letter that it does not know, and for a format without a date.
  explicit TimeFormat(std::string_view format);

  /// Nothing when the text has another form, or lies outside 1678 to 2261. Allocates nothing.
  std::optional<WrittenTime> parse(std::string_view text) const;

 private:
  struct Step {
    char letter;   ///< after %; 0 for the literal
    char literal;  ///< a blank: any number of blanks
  };
  void add(std::string_view format);

  std::vector<Step> steps_;
  bool excel_ = false;
};

/// The format that a time written so may have, as the value of --time-format; empty when none comes to mind.
std::string likely_format(std::string_view text);

}  // namespace weir
