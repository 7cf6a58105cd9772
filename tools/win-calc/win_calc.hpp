// Arithmetic across series of the same window.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calculation.hpp"
#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "time/timestamp.hpp"

namespace weir::win_calc {

/// What makes rows belong together, beside their keys.
enum class Match : std::uint8_t {
  window,  ///< the same window
  end      ///< windows that end together, whatever their length
};

/// What a series does of which there is no row, or no value.
enum class Missing : std::uint8_t {
  null,  ///< is not known; comes to a result once the window is over
  zero,  ///< counts as 0 once the window is over
  wait   ///< nothing comes out before every series has a row
};

/// What comes out beside the results.
enum class Rows : std::uint8_t { results_only, passed_too };

/// What becomes of rows for windows that are no longer held.
enum class LateRows : std::uint8_t {
  leave_out,     ///< they are counted
  write_to_side  ///< and written, as they came, to the first side file
};

struct WinCalcSettings {
  std::vector<Calculation> calculations;
  Shape shape = Shape::long_rows;
  std::string series_field = "sensor";  ///< of long rows: where the series' name stands
  std::string value_field = "value";    ///< of long rows: its value, where the operand names no field
  std::vector<std::string> by;
  std::string time_field = "window_end";  ///< the end of a row's window, or the time of a record that has none
  TimeParser time;
  Match match = Match::window;
  Missing missing = Missing::null;
  Rows rows = Rows::results_only;
  Duration lateness{};    ///< how far behind the newest window's end a window may be and not yet be over
  Duration allow_late{};  ///< how long a window that is over is held for rows that still come
  std::size_t max_windows = 1'000'000;
  LateRows late = LateRows::leave_out;
};

/// Joins the rows of one key and window and writes a row with the result of each calculation: when all its series have
/// come, or when the window is over; and again, with a higher rev, when what it was calculated from has changed.
class WinCalc : public Filter {
 public:
  /// Throws std::invalid_argument on a bad path or a name that is taken.
  explicit WinCalc(WinCalcSettings settings);
  WinCalc(const WinCalc&) = delete;
  WinCalc& operator=(const WinCalc&) = delete;

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override {
    archive.saving() ? snapshot(archive.writer()) : restore(archive.reader());
  }
  void snapshot(SnapshotWriter& to) const;
  void restore(SnapshotReader& from);
  std::string summary() const override;

 private:
  struct Frame {
    Time end;
    Time start;  ///< Time::min() when windows are matched by their end alone
    auto operator<=>(const Frame&) const = default;
  };
  /// What is known of one operand.
  struct Given {
    double value = 0;  ///< of true: 1
    std::uint32_t rev = 0;
    expr::Type type = expr::Type::null;  ///< a number, a boolean, or not known
    bool came = false;
    bool partial = false;
  };
  /// What has become of one calculation.
  struct Made {
    expr::Type type = expr::Type::null;
    bool truth = false;
    bool partial = false;
    bool written = false;
    bool incomplete = false;  ///< a series had no row
    double number = 0;
    std::uint64_t rev = 0;
  };
  /// One key in one window.
  struct Group {
    std::vector<Given> given;
    std::vector<Made> made;
    Time start{};  ///< of the longest of its windows
    bool over = false;
    bool has_start = false;
    bool has_partial = false;
    bool has_rev = false;
  };
  /// The keys in one window.
  struct Joined {
    explicit Joined(std::size_t limit) : groups(limit) {}
    KeyTable<Group> groups;
    std::size_t pending = 0;   ///< groups that have a result yet to come
    Time start = Time::max();  ///< the earliest of theirs
  };
  using Held = std::map<Frame, Joined>;

  struct Calculated {
    Calculation calculation;
    std::vector<std::size_t> operands;  ///< of each field of the expression: which of operands_
  };
  struct Source {
    Operand operand;
    FieldId field;
  };

  Verdict read_row(const Record& record);
  void choose_operands(const Record& record);
  bool take(const Record& record, Joined& joined, Group& group);
  void calculate(const Frame& frame, Joined& joined, KeyId id, Output& out);
  std::optional<Made> result(const Group& group, const Calculated& each);
  void write(const Frame& frame, std::string_view key, const Group& group, const Calculated& each, const Made& made,
             Output& out);
  void advance(Time time, Output& out);
  void finish(const Frame& frame, Joined& joined, Output& out);
  void forget(Held::iterator held);
  void fulfil(Output& out);
  static bool is_pending(const Group& group);

  WinCalcSettings settings_;
  FieldSet fields_;
  std::string end_name_;  ///< of members of a result
  std::string series_name_;
  std::string value_name_;
  FieldId start_;
  FieldId end_;
  FieldId partial_;
  FieldId retracted_;
  FieldId rev_;
  FieldId series_{};
  GroupKey group_;
  std::vector<Source> operands_;
  std::vector<Calculated> calculations_;
  Held held_;
  std::size_t groups_ = 0;
  Time now_ = Time::min();            ///< windows that end before are over
  Time finished_ = Time::min();       ///< up to where that was seen to
  std::optional<Time> owed_;          ///< upstream's promise that was passed on lowered
  std::vector<expr::Result> values_;  ///< of the calculation at hand

  // the row at hand
  std::vector<std::size_t> chosen_;  ///< its operands
  std::optional<Time> row_start_;
  Time row_end_{};
  std::uint32_t row_rev_ = 0;

  std::uint64_t late_ = 0;
  std::uint64_t not_newer_ = 0;
  std::uint64_t incomplete_ = 0;  ///< results, not windows
  std::uint64_t failed_ = 0;
};

}  // namespace weir::win_calc
