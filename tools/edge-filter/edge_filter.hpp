// The pure stage of edge-filter: readings in; out come readings with a processed value, scores, and whether to send
// them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "butterworth.hpp"
#include "pipeline/late_filter.hpp"
#include "pipeline/left_out.hpp"
#include "pipeline/owed_watermark.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/object_writer.hpp"
#include "rules.hpp"
#include "series.hpp"

namespace weir::edge_filter {

/// What the usual rule compares a value with.
enum class Compare : std::uint8_t { sent, previous };
enum class Previous : std::uint8_t { alone, too };
/// Every record with its marks, or those alone that are to be sent.
enum class Written : std::uint8_t { all, sent };

struct Settings {
  std::vector<std::string> by;
  std::string parameter = "sensor_type";
  std::string value = "value";
  TimeSettings time;
  TypeOptions types;
  std::uint64_t buffer = 100;
  std::uint64_t warm_up = 10;
  std::uint64_t outlier_after = 3;
  double min_sd = 0;
  Compare compare = Compare::sent;
  Previous previous = Previous::alone;
  std::optional<Duration> min_interval, max_interval;
  std::vector<std::string> on_change;
  Written written = Written::all;
  LateOption late;
  std::uint64_t max_keys = 100'000;
  bool strict = false;  ///< a value that is not a number rejects its record
};

/// Smooths readings, scores them, and decides which are worth sending.
class EdgeFilter : public LateFilter {
 public:
  /// Throws std::invalid_argument when settings cannot be used or fields clash.
  explicit EdgeFilter(const Settings& settings);

  bool passes_lines() const { return true; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  /// Readings before the current one that the anomaly score is computed from.
  static constexpr std::size_t anomaly_readings = 19;
  /// The least divisor of a ratio.
  static constexpr double least_divisor = 0.001;
  enum class Send : std::uint8_t { no, yes };
  /// The mean and standard deviation of the readings before the current one.
  struct Spread {
    bool known = false;
    double mean = 0;
    double sd = 0;
    double distance(double value) const;
  };
  struct Result {
    double value = 0;        ///< processed
    bool as_it_came = true;  ///< the processed value is the reading itself
    double quality = 1;
    double anomaly = 0;
  };

  std::size_t needed(const Smoothing& smoothing) const;
  Verdict read_status(const Record& record);
  Series* series_of(std::string_view key, const Record& record);
  Spread spread_before(const Series& series);
  bool accept(Series& series, double value, const Spread& spread);
  void take(Series& series, double value);
  Result process(Series& series, double value);
  double smooth(Series& series, double value);
  double quality(const Series& series);
  bool changes(const Series& series, const Result& result, double value_before) const;
  void decide(Series& series, const Record& record, const Result& result, double value_before, Output& out);
  void swing(Series& series, const Record& record, const Result& result, Output& out);
  void send(Series& series, const Record& record, const Result& result, Output& out);
  void hold(Series& series, const Record& record, const Result& result);
  void release(Series& series, Send send, Output& out);
  void write_absent(Series& series, const Record& record, Output& out);
  void write(const Record& record, const Result* result, Send send, std::string& to);
  void set_member(const Record& record, std::size_t member, std::string_view token);

  Settings settings_;
  Types types_;
  FieldId value_;
  std::optional<FieldId> parameter_;
  GroupKey group_;
  std::vector<FieldId> on_change_;
  std::vector<FieldId> members_;                     ///< those that are added, where a record has them already
  std::vector<std::size_t> limits_;                  ///< readings kept, by type
  std::vector<std::optional<Butterworth>> filters_;  ///< by type
  KeyTable<Series> keys_;
  bool holds_ = false;       ///< whether records may be held
  Duration longest_hold_{};  ///< against a watermark
  OwedWatermark owed_;

  // the current record
  Time now_{};
  std::string status_;
  std::vector<double> scratch_;
  std::string token_, members_text_;
  Splicer splicer_;
  LeftOut left_out_;

  std::uint64_t outliers_ = 0;
  std::uint64_t kept_back_ = 0;
};

}  // namespace weir::edge_filter
