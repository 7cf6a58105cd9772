// Gaps of series, by key: unknown values and missing records between two known values.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cells.hpp"
#include "clean/gap.hpp"
#include "record/key_table.hpp"
#include "series_step.hpp"

namespace weir::rec_clean {

/// What fills an unknown value: the line between both known values around it, or the one before it.
enum class FillMethod : std::uint8_t { linear, last };

struct GapSettings {
  std::vector<std::string> fields;  ///< each `FIELD=linear` or `FIELD=last`
  std::optional<Duration> max_gap;  ///< between two known values
  std::optional<Duration> every;    ///< records that are missing at this distance are made
};

/// Fills gaps. A record with an unknown value on a line waits for the next known one.
class Gaps : public SeriesStep {
 public:
  /// Throws std::invalid_argument.
  Gaps(const GapSettings& settings, const StepSettings& step, Cells& cells);

  Verdict find(const Cells& cells, bool& found) override;
  /// Fills what can be filled. Makes the records that are missing before this one.
  bool follow(Cells& cells, Output& out) override;
  void hold(std::string_view line, Output& out) override;
  void state(StateArchive& archive) override;

 private:
  struct Field {
    std::string path, name;
    FillMethod method;
    CellId value, filled;
  };
  enum class Fill : std::uint8_t { none, pending, left, filled };
  /// A value of a record, known, to come, or left unknown.
  struct Part {
    Fill fill = Fill::none;
    std::string token{};
    void state(StateArchive& archive) { archive.values(fill, token); }
  };
  /// A finished line with marks where values are to come.
  struct Held {
    std::string line;
    std::vector<Part> parts;
    Time time{};
    std::uint64_t number = 0;
    std::uint32_t pending = 0;
    void state(StateArchive& archive) { archive.values(line, parts, time, number, pending); }
  };
  struct Series {
    bool begun = false;
    Time last{};
    std::vector<clean::GapTrack<std::uint64_t>> tracks;  ///< what waits is a Held's number
    std::deque<Held> held;
    void state(StateArchive& archive) { archive.values(begun, last, tracks, held); }
  };

  /// Follows the tracks with a record at a time, whose values parts_ has.
  bool pass(Series& series, Time time);
  void make_missing(Series& series, Output& out);
  static Held* held_of(Series& series, std::uint64_t number);
  void fill(Series& series, std::uint64_t number, std::size_t field, Time next, double value);
  void leave(Series& series, std::uint64_t number, std::size_t field);
  void add_held(Series& series, std::string_view line, Time time);
  void release(Series& series, Output& out);
  void add_counts(CountReport& report) const override;
  void release_before(Time time, Output& out) override;
  void release_all(Output& out) override;
  Time earliest_held() const override;
  template <typename Which>
  void give_up_if(Which which, Output& out);

  GapSettings settings_;
  std::vector<Field> fields_;
  KeyTable<Series> keys_;

  // the current record
  std::vector<Part> parts_;
  std::vector<std::optional<double>> values_;
  std::string line_;

  std::uint64_t filled_ = 0, left_ = 0, made_ = 0, too_long_ = 0;
};

}  // namespace weir::rec_clean
