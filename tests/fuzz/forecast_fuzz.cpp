// links: stage_ts-forecast weir_record
// Any series, by any model: finite numbers in order, or no forecast with a reason. A file of holidays: read or refused
// with words. The input: a byte for the model, one for the season, then a value of each byte, or of each eight bytes;
// after a line of `#` holidays.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

#include "fuzz_expect.hpp"
#include "series.hpp"

using namespace weir;
using namespace weir::ts_forecast;

namespace {

void check(Plan& plan, const std::string_view bytes, bool wide) {
  ts_forecast::Series series(64);
  Time time{std::chrono::hours(24 * 365 * 50)};
  const std::size_t width = wide ? 8 : 1;
  for (std::size_t at = 0; at + width <= bytes.size() && at / width < 40; at += width) {
    double value = static_cast<signed char>(bytes[at]);
    if (wide) std::memcpy(&value, bytes.data() + at, sizeof value);
    if (!std::isfinite(value) || std::fabs(value) > 1e100) continue;
    time += std::chrono::hours(1 + (bytes[at] == 'g' ? 5 : 0));
    series.add(time, value);
  }
  if (series.readings() == 0) return;
  std::string reason;
  const auto found = series.forecast(plan, std::chrono::hours(24), 64, reason);
  expect(found.has_value() != !reason.empty());
  if (found)
    for (std::size_t i = 0; i < found->values.size(); ++i)
      expect(std::isfinite(found->values[i]) && found->half_widths[i] >= 0 && std::isfinite(found->half_widths[i]));
  reason.clear();
  expect(series.backtest(plan, 2, 64, reason).has_value() != !reason.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr Method methods[] = {Method::combination, Method::seasonal_naive, Method::dummies, Method::ets,
                                Method::theta,       Method::additive,       Method::arima};
  Settings settings;
  settings.method = methods[data[0] % 7];
  // Searches of forms and of orders would take too long, and those of a replay of thousands are small ones.
  const bool searches = settings.method == Method::arima || settings.method == Method::ets;
  if (searches && (data[1] >= 128 || size > 24)) return 0;
  if (settings.method == Method::arima) settings.arima = "1,1,0";
  if (settings.method == Method::ets) settings.ets = data[0] % 2 == 0 ? "AAN" : "MNN";
  settings.seasons = {std::to_string(2 + data[1] % 12)};
  settings.ahead = "3";
  const std::size_t line = text.find("\n#\n");
  if (line != std::string_view::npos) settings.holidays_text = text.substr(line + 3);
  // One input in 200 is forecast, all of the corpus among them: a replay of thousands must not take minutes.
  unsigned sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += data[i];
  try {
    Plan plan(settings);
    if (sum % 200 == 0) check(plan, text.substr(2, line == std::string_view::npos ? line : line - 2), data[1] >= 128);
  } catch (const std::invalid_argument& error) {
    expect(*error.what() != '\0');
  }
  return 0;
}
