// Readings gathered into one row for each key and interval of event time.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"
#include "window/watermark.hpp"

namespace weir::ml_call {

/// The latest value of each input, for each key and interval.
class Gather {
 public:
  /// An interval that is over.
  struct Closed {
    Time end{};
    std::string key;
    std::vector<std::string> values;  ///< for each input its latest token; empty: none came
  };

  /// Whose records move the time by which an interval of a key is over.
  enum class Clock : std::uint8_t { stream, key };

  Gather(Duration every, Duration lateness, Clock clock, std::size_t inputs, std::size_t most)
      : every_(every), lateness_(lateness), clock_(clock), inputs_(inputs), most_(most), watermark_(lateness) {}

  enum class Taken : std::uint8_t { yes, late, no_room };
  /// Takes a value. One of the same time replaces the one before it.
  Taken take(Time time, std::string_view key, std::size_t input, std::string_view token);
  /// Moves the time of the stream, or of the key.
  void observe(Time time, std::string_view key);
  void advance(Time time) { watermark_.advance(time); }
  /// Intervals of the key are over up to here.
  Time now(std::string_view key) const;

  /// The next interval that is over, by time and key; `all`: whether it is over or not. Call it until there is none
  /// after each observe() and advance().
  std::optional<Closed> next(bool all = false);
  std::size_t size() const { return open_.size(); }

  void state(StateArchive& archive) { archive.values(watermark_, open_, own_); }

 private:
  struct Cell {
    Time time{};
    std::string token;  ///< empty: none came
    void state(StateArchive& archive) { archive.values(time, token); }
  };
  /// Of a key with a time of its own.
  struct Own {
    Time greatest = Time::min();
    std::vector<Time> ends;  ///< of its open intervals, ascending
    void state(StateArchive& archive) { archive.values(greatest, ends); }
  };

  Duration every_;
  Duration lateness_;
  Clock clock_;
  std::size_t inputs_;
  std::size_t most_;
  Watermark watermark_;
  std::map<std::pair<Time, std::string>, std::vector<Cell>> open_;  ///< by the end of the interval, and the key
  std::map<std::string, Own, std::less<>> own_;                     ///< with Clock::key
  std::string observed_;                                            ///< the key whose time has moved
};

}  // namespace weir::ml_call
