// Control lines: what one stage tells the next between the records.
#pragma once
#include <chrono>
#include <cstdint>
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
  enum class Word : std::uint8_t {
    watermark,
    begin,    ///< a run begins
    restore,  ///< every stage takes up its state of an epoch
    barrier,  ///< an epoch ends
    end,      ///< the input is finished: open windows come out
    other
  };
  Word word = Word::other;
  Time time{};                       ///< of a watermark: no record older than this is expected any more
  std::string pipe{};                ///< of begin
  std::string run{};                 ///< of begin and restore
  std::uint64_t epoch = 0;           ///< of restore and barrier
  bool final = false;                ///< of a barrier: nothing comes after it
  std::chrono::milliseconds took{};  ///< of a barrier: for how long the stages before stood still for it, together

  bool is_of_checkpoints() const { return word != Word::watermark && word != Word::other; }
};

/// Nothing when the line is no well-formed control line: that is a bad line like any other.
std::optional<Control> parse_control(std::string_view line);

/// Appends `{"@ctl":"watermark","time":"…"}` and a newline; so do the others with their words.
void append_watermark(std::string& out, Time time);
void append_begin(std::string& out, std::string_view pipe, std::string_view run);
void append_restore(std::string& out, std::string_view run, std::uint64_t epoch);
enum class Barrier : std::uint8_t { middle, final };
void append_barrier(std::string& out, std::uint64_t epoch, Barrier kind, std::chrono::milliseconds took);
void append_end(std::string& out);

}  // namespace weir
