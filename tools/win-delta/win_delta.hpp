// Differences between successive values of a key, revised when a value is.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "time/timestamp.hpp"

namespace weir::win_delta {

/// A field, and the name that its difference has in a row.
struct DeltaField {
  std::string path;
  std::string name;
};

/// Reads `FIELD` or `FIELD as NAME`; the name is FIELD_delta when not given. Throws std::invalid_argument.
DeltaField parse_delta_field(std::string_view text);

/// What becomes of rows that come too late to be put in their place.
enum class LateRows : std::uint8_t {
  leave_out,     ///< they are counted
  write_to_side  ///< and written, as they came, to the first side file
};

struct WinDeltaSettings {
  std::string time_field = "window_end";
  TimeParser time;
  std::vector<std::string> by;
  std::vector<DeltaField> fields;
  Duration allow_late{};  ///< how far behind the newest row of its key a row may be
  std::size_t max_keys = 1'000'000;
  LateRows late = LateRows::leave_out;
};

/// Passes each row on with, for each field, how much its value is above the one before it in event time. A row that
/// replaces one of the same time (its rev is higher, or the other was partial), or that comes between others, makes the
/// rows behind it whose difference it changes come out again, each with a rev above that of before.
class WinDelta : public Filter {
 public:
  /// Throws std::invalid_argument on a bad path or a name that is taken.
  explicit WinDelta(const WinDeltaSettings& settings);

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;
  void state(StateArchive& archive) override {
    archive.saving() ? snapshot(archive.writer()) : restore(archive.reader());
  }
  void snapshot(SnapshotWriter& to) const;
  void restore(SnapshotReader& from);
  std::string summary() const override;

 private:
  /// A token within a row's line; of length 0: not there.
  struct Place {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
  };
  struct Row {
    Time time{};
    std::string line;
    std::vector<Place> values;  ///< of each field; also of length 0 when it is null
    std::vector<Place> deltas;  ///< members that the row has already under the names of the differences
    Place rev;
    std::uint64_t came_as = 0;  ///< the rev that it came with
    std::uint64_t went_as = 0;  ///< the rev that it went out with
    bool partial = false;
  };
  /// What is held of a key.
  struct Series {
    std::vector<Row> rows;            ///< by time; empty only before the first
    std::vector<std::string> before;  ///< of each field: the last value before the first row, or nothing
  };

  Verdict read(const Record& record);
  void store(const Record& record, Row& row) const;
  Row& add_newest(Series& series);
  std::string_view value_before(const Series& series, std::size_t row, std::size_t field) const;
  std::string_view value_at(const Series& series, std::size_t row, std::size_t field) const;
  void revise_behind(Series& series, std::size_t row, Output& out);
  void write(const Series& series, std::size_t row, Output& out);
  static std::string_view text(const Row& row, Place place) {
    return std::string_view(row.line).substr(place.offset, place.length);
  }

  WinDeltaSettings settings_;
  FieldSet fields_;
  FieldId time_;
  FieldId rev_;
  FieldId partial_;
  FieldId retracted_;
  GroupKey group_;
  std::vector<FieldId> values_;
  std::vector<FieldId> deltas_;  ///< by the names of the differences
  KeyTable<Series> keys_;
  Splicer splicer_;

  // of the row at hand
  Time row_time_{};
  std::uint64_t row_rev_ = 0;
  std::vector<std::string> old_values_;  ///< what stood in its place, as the rows behind it saw it
  std::vector<char> changed_;
  std::string token_;

  std::uint64_t late_ = 0;
  std::uint64_t not_newer_ = 0;
  std::uint64_t absent_ = 0;
};

}  // namespace weir::win_delta
