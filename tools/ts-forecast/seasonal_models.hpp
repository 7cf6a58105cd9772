// Models with seasons of any length, solved at once: repeats, slots with autoregressive remainders, differences.
#pragma once
#include <memory>

#include "model.hpp"

namespace weir::ts_forecast {

/// Each value as it was one season before; without a season as the last one.
class SeasonalNaive : public Model {
 public:
  /// The season's index in Calendar::seasons.
  explicit SeasonalNaive(std::size_t season) : season_(season) {}
  std::string_view name() const override { return "seasonal-naive"; }
  std::size_t least(const Calendar& calendar) const override { return length(calendar); }
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;

 private:
  std::size_t length(const Calendar& calendar) const {
    return season_ < calendar.seasons.size() ? calendar.seasons[season_] : 1;
  }
  std::size_t season_;
};

/// A mean for each slot of each cycle, shrunken towards 0 and forgetting, and an autoregression of what remains.
class Dummies : public Model {
 public:
  std::string_view name() const override { return "dummies"; }
  std::size_t least(const Calendar&) const override { return 4; }
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;
};

/// An autoregression of the differences from one shortest season to the next.
class Differences : public Model {
 public:
  std::string_view name() const override { return "differences"; }
  std::size_t least(const Calendar& calendar) const override { return calendar.shortest() + 4; }
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;
};

/// Another model of the logarithms, where all values are positive; that model of the values where they are not.
class Logarithmic : public Model {
 public:
  explicit Logarithmic(std::unique_ptr<Model> of) : of_(std::move(of)) {}
  std::string_view name() const override { return of_->name(); }
  std::size_t least(const Calendar& calendar) const override { return of_->least(calendar); }
  Parameters fit(const Past& past) const override;
  bool forecast(const Past& past, const Parameters& parameters, std::span<double> ahead) const override;

 private:
  std::unique_ptr<Model> of_;
};

}  // namespace weir::ts_forecast
