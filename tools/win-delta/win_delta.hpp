// The pure stage of win-delta: differences between successive values of a key.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/late_filter.hpp"
#include "pipeline/left_out.hpp"
#include "record/field_as.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"

namespace weir::win_delta {

/// What a lower value than the one before it means.
enum class Falling : std::uint8_t {
  difference,  ///< a negative difference
  reset        ///< a counter that started again: the new value counts from zero
};

struct Settings {
  TimeSettings time;
  std::vector<std::string> by;
  std::vector<std::string> fields;  ///< each `FIELD` or `FIELD as NAME`
  Falling falling = Falling::difference;
  Duration allow_late{};  ///< the greatest distance of a row to the newest row of its key
  std::uint64_t max_keys = 1'000'000;
  LateOption late;      ///< where rows go that are too late
  bool strict = false;  ///< a value that is not a number rejects its record
};

/// Reads `FIELD` or `FIELD as NAME`; the name is FIELD_delta when not given. Throws std::invalid_argument.
FieldAs parse_delta_field(std::string_view text);

/// Passes each row on and adds, for each field, its value minus the value before it in event time.
///
/// A row replaces another of the same time when its rev is higher or the other was partial. A row that replaces another
/// or comes between two changes the difference of a later row; that row is then written again with a higher rev.
class WinDelta : public LateFilter {
 public:
  /// Throws std::invalid_argument on a bad path, zone or field, or a name used twice.
  explicit WinDelta(const Settings& settings);

  bool passes_lines() const { return true; }
  Verdict on_record(const Record& record, Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  /// A token within a row's line; of length 0: not there.
  struct Place {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
  };
  struct Row {
    Time time{};
    std::string line;
    std::vector<Place> values;  ///< of each field; of length 0 also where it is null
    std::vector<Place> deltas;  ///< members that already have the names of the differences
    Place rev;
    std::uint64_t rev_in = 0;   ///< with which the row came
    std::uint64_t rev_out = 0;  ///< with which it was written last
    bool partial = false;
    void state(StateArchive& archive) { archive.values(time, line, values, deltas, rev, rev_in, rev_out, partial); }
  };
  /// The rows held of a key.
  struct Series {
    std::vector<Row> rows;            ///< by time; empty only before the first
    std::vector<std::string> before;  ///< the last value of each field before the first row, or nothing
    void state(StateArchive& archive) { archive.values(rows, before); }
  };

  Verdict read(const Record& record);
  Verdict leave_out(const Record& record, const Row& held, Output& out);
  std::string late_text(Time newest) const;
  void store(const Record& record, Row& row) const;
  Row& add_newest(Series& series);
  void append_delta(std::string_view now, std::string_view before);
  std::string_view value_before(const Series& series, std::size_t row, std::size_t field) const;
  std::string_view value_at(const Series& series, std::size_t row, std::size_t field) const;
  void revise_after(Series& series, std::size_t row, Output& out);
  void write(const Series& series, std::size_t row, Output& out);
  static std::string_view text(const Row& row, Place place) {
    return std::string_view(row.line).substr(place.offset, place.length);
  }

  Settings settings_;
  FieldId rev_;
  FieldId partial_;
  FieldId retracted_;
  GroupKey group_;
  std::vector<FieldAs> named_;
  std::vector<FieldId> values_;  ///< of named_
  std::vector<FieldId> deltas_;  ///< existing members with their names
  KeyTable<Series> keys_;
  Splicer splicer_;

  // the current row
  Time row_time_{};
  std::uint64_t row_rev_ = 0;
  LeftOut left_out_;
  std::vector<std::string> old_values_;  ///< the values in its place before, as later rows saw them
  std::vector<char> changed_;
  std::string token_;

  std::uint64_t repeats_ = 0;
  std::uint64_t not_newer_ = 0;
};

}  // namespace weir::win_delta
