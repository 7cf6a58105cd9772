// Control lines: the words that one stage says to the next, between the records.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// The bytes that a control line begins with.
inline constexpr std::string_view control_prefix = "{\"@ctl\":";

inline bool is_control_line(std::string_view line) { return line.starts_with(control_prefix); }

/// A control line, read. Words that this version does not know are passed on like the others.
struct Control {
  enum class Word : std::uint8_t { watermark, other };
  Word word = Word::other;
  Time time{};  ///< of a watermark: no record older than this is expected any more
};

/// Nothing when the line is no well-formed control line: that is a bad line like any other.
std::optional<Control> parse_control(std::string_view line);

/// Appends `{"@ctl":"watermark","time":"…"}` and a newline.
void append_watermark(std::string& out, Time time);

}  // namespace weir
