// Times made right where they come in, so that no later stage needs a zone or a format.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "time/time_format.hpp"
#include "time/timestamp.hpp"

namespace weir {

/// The options of a source's times.
struct SourceTimeSettings {
  std::string format{};      ///< of TimeFormat; empty: what TimeParser reads
  std::string zone = "UTC";  ///< of local times
  EpochUnit unit = EpochUnit::s;
  Fold fold = Fold::infer;
};

/// Reads the times of a source's records, which come in order: all of them, or those of each key. A number without a
/// format must be a time of 1990 to 2099. Allocates nothing for a time that can be read; not thread-safe.
class SourceTime {
 public:
  /// Throws std::invalid_argument, naming the option. `order` must outlive this.
  SourceTime(const SourceTimeSettings& settings, RowOrder& order);

  /// The point of time of a text; nothing when it is not a time.
  std::optional<Time> read(std::string_view text) { return read(text, order_); }
  /// As above, of a record whose key has an order of its own.
  std::optional<Time> read(std::string_view text, RowOrder& order);

  /// The reason why the last text was not a time, with the option that helps.
  std::string problem(std::string_view text);

  /// How the last text was resolved, if it is a local time.
  LocalTimes::Result result() const { return result_; }

 private:
  std::optional<Time> read_formatted(std::string_view text, const RowOrder& order);
  std::optional<Time> read_plain(std::string_view text);

  RowOrder& order_;
  std::string format_text_;
  EpochUnit unit_;
  std::optional<TimeFormat> format_;
  TimeParser parser_;
  LocalTimes local_;
  LocalTimes::Result result_{};  ///< of the last local time
};

/// The reason why a time that is further ahead of the clock than a limit is not believed; empty where it is. A clock
/// before 2025 is not set: then every time is believed.
std::string ahead_of_clock(Time time, Time now, std::optional<Duration> limit);

}  // namespace weir
