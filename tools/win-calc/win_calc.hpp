// The pure stage of win-calc: arithmetic across series of the same window.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calculation.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/left_out.hpp"
#include "pipeline/owed_watermark.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/time_field.hpp"

namespace weir::win_calc {

/// Which rows of a key belong together.
enum class Match : std::uint8_t {
  window,  ///< the same window
  end      ///< windows that end together, whatever their length
};

/// What a series without a row or a value means.
enum class Missing : std::uint8_t {
  null,  ///< an unknown value once the window is over
  zero,  ///< the value 0 once the window is over
  wait   ///< no result before every series has a row
};

/// Whether the rows are written too.
enum class Rows : std::uint8_t { results_only, passed_too };

/// What tells that windows are over.
enum class WatermarkOf : std::uint8_t {
  stream,  ///< the rows, and watermark lines
  input    ///< watermark lines alone
};

struct Settings {
  TimeSettings time;                      ///< the end of a row's window, or the time of a record without one
  std::vector<std::string> calculations;  ///< each `NAME = EXPRESSION`
  Shape shape = Shape::long_rows;
  std::optional<std::string> series_field;  ///< of long rows: the field with the series' name
  std::string value_field = "value";        ///< of long rows: the field of an operand that names none
  std::vector<std::string> by;
  Match match = Match::window;
  Missing missing = Missing::null;
  Rows rows = Rows::results_only;
  WatermarkOf watermark = WatermarkOf::stream;
  Duration lateness{};    ///< a window is over when a newer window ends later than this after it
  Duration allow_late{};  ///< how long a window that is over is held
  LateOption late;        ///< where rows of windows no longer held go
  std::uint64_t max_windows = 1'000'000;
  bool strict = false;  ///< a value of the wrong type rejects its record
};

/// The default of Settings::series_field.
inline constexpr std::string_view usual_series_field = "sensor";

/// Joins the rows of one key and window and writes a row with the result of each calculation when all its series have
/// come, or when the window is over. The row is written again, with a higher rev, when a series changes.
///
/// A reading is a wide record without a window that has all operands. It is calculated by itself, so readings of the
/// same key and time each have their result.
class WinCalc : public Filter {
 public:
  /// Throws std::invalid_argument on a bad path, zone or calculation, or a name used twice.
  explicit WinCalc(const Settings& settings);

  bool passes_lines() const { return settings_.rows == Rows::passed_too; }
  FutureGuard* future_guard() override { return &end_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<std::string> side_files() const override { return {settings_.late.path()}; }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  struct Frame {
    Time end;
    Time start;  ///< Time::min() when windows are matched by their end alone
    auto operator<=>(const Frame&) const = default;
  };
  /// The value of one operand.
  struct Given {
    double number = 0;  ///< of true: 1
    std::string text;   ///< a string, or the digits of a number
    std::uint64_t rev = 0;
    expr::Type type = expr::Type::null;  ///< number, boolean, string, or null: not known
    bool came = false;
    bool partial = false;
    void state(StateArchive& archive) { archive.values(number, text, rev, type, came, partial); }
  };
  /// The last result of one calculation.
  struct Made {
    std::string token;  ///< as written
    bool partial = false;
    bool written = false;
    bool incomplete = false;  ///< a series had no row
    std::uint64_t rev = 0;
    void state(StateArchive& archive) { archive.values(token, partial, written, incomplete, rev); }
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
    void state(StateArchive& archive) { archive.values(given, made, start, over, has_start, has_partial, has_rev); }
  };
  /// The keys in one window.
  struct Joined {
    explicit Joined(std::size_t limit) : groups(limit) {}
    KeyTable<Group> groups;
    std::size_t pending = 0;   ///< the number of groups with a result still to come
    Time start = Time::max();  ///< the earliest start of those groups
    void state(StateArchive& archive) { archive.values(groups, pending, start); }
  };
  using Held = std::map<Frame, Joined>;

  struct Calculated {
    Calculation calculation;
    std::vector<std::size_t> operands;  ///< for each field of the expression an index into operands_
  };

  std::string calculation_with(const Source& source) const;
  Verdict read_row(const Record& record);
  void choose_operands(const Record& record);
  bool is_reading(const Record& record) const;
  void calculate_reading(const Record& record, std::string_view key, Output& out);
  Verdict check_against(const Group& group, const Record& record) const;
  void take_operands(const Calculated& each, const Record& record);
  Verdict check_reading(const Record& record);
  bool take(const Record& record, Joined& joined, Group& group);
  void calculate(const Frame& frame, Joined& joined, KeyId id, Output& out);
  std::optional<Made> result(const Group& group, const Calculated& each, Output& out);
  void evaluate(const Calculated& each, std::string& token, Output& out);
  void write(const Frame& frame, std::string_view key, const Group& group, const Calculated& each, const Made& made,
             Output& out);
  void advance(Time time, Output& out);
  void finish(const Frame& frame, Joined& joined, Output& out);
  void forget(Held::iterator held);
  void fulfil(Output& out);
  static bool is_pending(const Group& group);

  Settings settings_;
  std::vector<std::string> end_names_;  ///< names of members of a result
  std::string series_name_;
  std::string value_name_;
  TimeField start_;
  TimeField end_;
  FieldId partial_;
  FieldId retracted_;
  FieldId rev_;
  FieldId series_{};
  GroupKey group_;
  std::vector<Source> operands_;
  std::vector<Calculated> calculations_;
  Held held_;
  std::size_t groups_ = 0;
  Time now_ = Time::min();       ///< windows that end before this are over
  std::size_t end_name_ = 0;     ///< of end_names_: as the last row had it
  Time finished_ = Time::min();  ///< windows that end before this have been finished
  OwedWatermark owed_;
  std::vector<expr::Result> values_;  ///< of the current calculation
  Group reading_;                     ///< without values: a reading has no start, rev or partial
  Made made_;                         ///< of the current reading

  // the current row
  std::vector<std::size_t> chosen_;  ///< its operands
  std::optional<Time> row_start_;
  Time row_end_{};
  std::uint64_t row_rev_ = 0;
  LeftOut left_out_;

  std::uint64_t late_ = 0;
  std::uint64_t not_newer_ = 0;
  std::uint64_t incomplete_ = 0;  ///< results, not windows
  std::uint64_t failed_ = 0;
};

}  // namespace weir::win_calc
