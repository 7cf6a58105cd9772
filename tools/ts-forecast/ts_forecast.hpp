// The pure stage of ts-forecast: readings in, forecasts out.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/series_filter.hpp"
#include "plan.hpp"
#include "series.hpp"
#include "settings.hpp"

namespace weir::ts_forecast {

/// Keeps the last readings of each key and field, and writes what they forecast.
class TsForecast : public SeriesFilter<Series> {
 public:
  /// Throws std::invalid_argument when settings cannot be used or fields clash.
  explicit TsForecast(const Settings& settings);

  Verdict on_record(const Record& record, Output& out) override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  CountReport counts() const override;

 private:
  void forecast(std::string_view key, Series& series, std::size_t field, Output& out);
  void backtest(std::string_view key, const Series& series, std::size_t field, Output& out);
  void note_unused_season(Output& out);
  void note_without(std::string_view key, std::size_t field, const std::string& reason);

  Settings settings_;
  Plan plan_;
  std::uint64_t late_ = 0;  ///< with --every
  std::uint64_t without_forecast_ = 0;
  bool season_noted_ = false;
  std::string first_reason_;
};

}  // namespace weir::ts_forecast
