// Control lines: messages from a stage to the next one, between the records.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// Prefix of every control line.
inline constexpr std::string_view control_prefix = "{\"@ctl\":";

inline bool is_control_line(std::string_view line) { return line.starts_with(control_prefix); }

/// A control line that has been read. A type that this version does not know is passed on as it came.
struct Control {
  enum class Type : std::uint8_t {
    watermark,
    begin,    ///< a run begins
    restore,  ///< every stage restores its snapshot of an epoch
    barrier,  ///< an epoch ends
    end,      ///< the input has ended: windows close
    other
  };
  Type type = Type::other;
  Time time{};                       ///< of watermark: no earlier record is expected any more
  std::string pipe{};                ///< of begin
  std::string run{};                 ///< of begin and restore
  std::uint64_t epoch = 0;           ///< of restore and barrier
  bool final = false;                ///< of barrier: the last one of the run
  std::chrono::milliseconds took{};  ///< of barrier: the time that upstream stages spent on it, added up

  bool is_of_checkpoints() const { return type != Type::watermark && type != Type::other; }
};

/// Reads a control line. Returns nothing when it is not well formed: the caller rejects it like any bad line.
std::optional<Control> parse_control(std::string_view line);

/// Appends `{"@ctl":"watermark","time":"…"}` and a newline; the other functions append the line of their type.
void append_watermark(std::string& out, Time time);
void append_begin(std::string& out, std::string_view pipe, std::string_view run);
void append_restore(std::string& out, std::string_view run, std::uint64_t epoch);
enum class Barrier : std::uint8_t { middle, final };
void append_barrier(std::string& out, std::uint64_t epoch, Barrier kind, std::chrono::milliseconds took);
void append_end(std::string& out);

}  // namespace weir
