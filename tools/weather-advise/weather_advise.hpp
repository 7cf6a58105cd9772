// The pure stage of weather-advise.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "clean/gap.hpp"
#include "cleaning.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/owed_watermark.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "record/time_field.hpp"
#include "weather/advice.hpp"
#include "weather/reading_fields.hpp"

namespace weir::weather_advise {

struct Settings {
  /// The fields to clean; those with a default range have it.
  std::vector<std::string> fields = default_fields();
  std::vector<std::string> ranges;  ///< each `FIELD=LOW..HIGH`; cleans the field too
  OutOfRange out_of_range = OutOfRange::set_null;
  double low_temp_c = weather::threshold::cold_c;  ///< low_temp is true below it

  weather::ReadingFields reading;

  /// Gaps up to this long between known values of a key are filled; nothing: no gap is filled.
  std::optional<Duration> max_gap;
  TimeSettings time;  ///< read with max_gap alone
  std::vector<std::string> by{"city"};
  std::uint64_t max_held = std::uint64_t{64} << 20U;  ///< bytes of records held back
  std::uint64_t max_keys = 100'000;
  bool strict = false;  ///< a value that is not a number rejects its record
};

/// mod_high_temp is true above it, in °C.
inline constexpr double mod_high_temp_c = 23;

/// Cleans weather readings and adds mod_high_temp, low_temp, temp_message and advice. Records leave in the order in
/// which they came. With max_gap a record waits while one of its values may still be filled, and so do later records.
class WeatherAdvise : public Filter {
 public:
  /// Throws std::invalid_argument on a bad path, zone or range, or a field named twice.
  explicit WeatherAdvise(const Settings& settings);

  bool passes_lines() const { return true; }
  FutureGuard* future_guard() override { return time_ ? &time_->guard() : nullptr; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  /// A value of a record.
  struct Cell {
    Value existing;
    CleanValue clean;
    bool pending = false;  ///< unknown, and the next known value of its key may fill it
  };
  /// A record that waits.
  struct Held {
    std::string line;
    std::vector<Cell> cells;
    std::array<Value, 4> added;
    std::string weather;
    bool weather_known = false;
    Time time{};
    KeyId key{};
    std::size_t pending = 0;
    std::size_t bytes = 0;
    void state(StateArchive& archive);
  };
  /// The last known value of one field of a key, and the later records that wait for the next one.
  using Track = clean::GapTrack<Held*>;
  struct Series {
    bool begun = false;
    Time last{};
    std::vector<Track> tracks;
    void state(StateArchive& archive) { archive.values(begun, last, tracks); }
  };

  bool clean(const Record& record);
  bool is_wrong(std::size_t cell) const;
  Verdict report(const Record& record, Output& out);
  /// Adds the record to the key's series, which may fill or give up waiting values. Returns true when the record has to
  /// wait.
  bool follow(Series& series, Time time, Output& out);
  void hold(const Record& record, Time time, KeyId key);
  void fill(Held& held, std::size_t field, double value);
  void leave(Held& held, std::size_t field);
  void give_up(Track& track, std::size_t field);
  void release(Output& out);
  void enforce_limit(Output& out);
  void write(std::string_view line, const std::vector<Cell>& cells, const std::array<Value, 4>& added,
             std::optional<std::string_view> weather, Output& out);

  Settings settings_;
  std::vector<RangeRule> cleaned_;
  std::vector<FieldId> ids_;        ///< of the cleaned fields, then of the fields only read
  std::vector<std::string> names_;  ///< a member's name, or empty for a path into an object
  std::size_t temperature_ = 0;     ///< an index into ids_
  std::size_t humidity_ = 0;
  std::size_t wind_ = 0;
  FieldId weather_{};
  std::optional<TimeField> time_;  ///< with max_gap
  std::array<FieldId, 4> added_{};
  GroupKey by_;

  std::vector<Cell> cells_;
  std::array<Value, 4> added_values_;
  Splicer splicer_;
  std::string text_;
  std::string message_;
  std::string advice_;

  KeyTable<Series> series_;
  std::deque<Held> held_;
  std::size_t held_bytes_ = 0;
  OwedWatermark owed_;

  std::vector<bool> reported_;  ///< for each of ids_, and the weather: a wrong value has been reported
  std::uint64_t not_numbers_ = 0;
  std::uint64_t not_read_ = 0;
  std::uint64_t out_of_range_ = 0;
  std::uint64_t filled_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t given_up_for_room_ = 0;
  std::uint64_t without_room_ = 0;
};

}  // namespace weir::weather_advise
