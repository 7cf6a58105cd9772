// The field with a record's time; the same in every tool.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "time/future_guard.hpp"
#include "time/plausible.hpp"
#include "time/timestamp.hpp"

namespace weir {

/// Which numbers are times: those of 1990 to 2100, or any, such as seconds since the start of a machine.
enum class Epochs : std::uint8_t { plausible, any };

/// The options of a record's time.
struct TimeSettings {
  std::string field{};       ///< empty: the first of usual_time_fields that a record has
  std::string zone = "UTC";  ///< IANA name of the zone, for timestamps without an offset
  EpochUnit unit = EpochUnit::s;
  Fold fold = Fold::reject;              ///< for local times that come twice
  std::optional<Duration> max_future{};  ///< the limit of the guard against clocks that run ahead; none: no guard
  Epochs epochs = Epochs::plausible;

  /// The names that the field may have.
  std::vector<std::string> names() const;
};

/// The names that the field of a record's time usually has, the likeliest first; window_end is that of win-agg's rows.
inline constexpr std::array<std::string_view, 6> usual_time_fields{"timestamp",  "time",         "ts",
                                                                   "window_end", "window_start", "date"};

/// Reads the time of records. One whose time the guard sets aside is rejected here; LineLoop holds it, and gives it to
/// the stage again when its time is believed.
class TimeField {
 public:
  /// Adds the field to `fields`. Throws std::invalid_argument on a bad path or an unknown zone.
  TimeField(const TimeSettings& settings, FieldSet& fields);

  /// Rejects a record without a usable time; `time` is then undefined.
  [[gnu::always_inline]] Verdict read(const Record& record, Time& time) {
    const Value& value = find(record);
    if (value.kind != Kind::string || !(parser_.parse_alike(value.text, time) || known_.is(value.text, time))) {
      if (!read_text(value, time)) return reject(record, value);
    }
    return guard_.admit(time) ? Verdict::ok() : set_aside();
  }

  /// As above, but `time` is empty where the field is missing or null.
  Verdict read(const Record& record, std::optional<Time>& time) {
    time.reset();
    if (!find(record).present()) return Verdict::ok();
    return read(record, time.emplace());
  }

  /// The name of the field in which the last record had its time.
  const std::string& name() const { return names_[last_]; }
  std::size_t name_index() const { return last_; }
  /// Whether that was the end of a window, by the rule and not by an option.
  bool is_window_end() const { return last_ == window_end_; }

  /// The rejection of a record that the guard sets aside, for a time that was read before.
  [[gnu::cold]] static Verdict set_aside();

  /// The guard of these times.
  FutureGuard& guard() { return guard_; }

 private:
  /// A time in UTC, as text: records in a row often have the same one.
  struct Known {
    bool is(std::string_view text, Time& its_time) const {
      its_time = time;
      return size != 0 && text.size() == size && word(text, size - 8) == word(bytes, size - 8) &&
             word(text, 0) == word(bytes, 0) && word(text, 8) == word(bytes, 8);
    }
    void remember(std::string_view text, Time its_time);
    template <typename Text>
    static std::uint64_t word(const Text& text, std::size_t at) {
      std::uint64_t eight;
      std::memcpy(&eight, text.data() + at, sizeof eight);
      return eight;
    }
    std::array<char, 24> bytes;
    std::size_t size = 0;  ///< 17 to 24 bytes: three words have them all
    Time time;
  };

  const Value& find(const Record& record) {
    last_ = 0;
    if (const Value& first = record[ids_[0]]; first.kind != Kind::missing) return first;
    while (last_ + 1 < ids_.size() && record[ids_[last_]].kind == Kind::missing) ++last_;
    return record[ids_[last_]];
  }
  /// Whether a value that can be read as a time is meant so.
  bool is_meant(const Value& value, Time time) const;
  /// Reads a value that is not the known one.
  bool read_text(const Value& value, Time& time);
  [[gnu::cold]] Verdict reject(const Record& record, const Value& value);
  std::string problem(const Value& value);

  std::vector<FieldId> ids_;  ///< of names_
  TimeParser parser_;
  FutureGuard guard_;
  EpochUnit unit_;
  Epochs epochs_;
  std::vector<std::string> names_;
  std::size_t last_ = 0;        ///< an index into names_
  std::size_t window_end_ = 0;  ///< that of window_end, where names_ are the usual ones
  Known known_;
};

}  // namespace weir
