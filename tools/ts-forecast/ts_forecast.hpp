// The pure stage of ts-forecast: readings in, forecasts out.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/filter.hpp"
#include "pipeline/number_fields.hpp"
#include "plan.hpp"
#include "record/group_key.hpp"
#include "record/key_order.hpp"
#include "record/key_table.hpp"
#include "record/time_field.hpp"
#include "series.hpp"
#include "settings.hpp"

namespace weir::ts_forecast {

/// Keeps the last readings of each key and field, and writes what they forecast.
class TsForecast : public Filter {
 public:
  /// Throws std::invalid_argument when settings cannot be used or fields clash.
  explicit TsForecast(const Settings& settings);

  bool passes_lines() const { return settings_.readings == Readings::pass; }
  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  struct KeyState {
    std::vector<Series> series;  ///< one per field
    void state(StateArchive& archive) { archive.value(series); }
  };
  void forecast(std::string_view key, Series& series, std::size_t field, Output& out);
  void backtest(std::string_view key, const Series& series, std::size_t field, Output& out);
  void note_unused_season(Output& out);
  void note_without(std::string_view key, std::size_t field, const std::string& reason);

  Settings settings_;
  Plan plan_;
  TimeField time_;
  GroupKey group_;
  NumberFields values_;
  KeyTable<KeyState> keys_;
  std::uint64_t too_old_ = 0;
  std::uint64_t late_ = 0;  ///< with --every
  std::uint64_t without_forecast_ = 0;
  bool season_noted_ = false;
  std::string first_reason_;
};

}  // namespace weir::ts_forecast
