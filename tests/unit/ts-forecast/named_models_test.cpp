#include <cmath>

#include "additive.hpp"
#include "arima.hpp"
#include "catch.hpp"
#include "smoothing.hpp"

using namespace weir::ts_forecast;

namespace {

const Calendar plain{};

std::vector<double> walk(std::size_t size) {
  std::vector<double> values;
  double at = 100;
  std::uint32_t seed = 7;
  for (std::size_t i = 0; i < size; ++i) {
    seed = seed * 1664525 + 1013904223;
    at += static_cast<double>(seed >> 8) / (1 << 24) - 0.5;
    values.push_back(at);
  }
  return values;
}

}  // namespace

TEST_CASE("forms and orders as they are written") {
  CHECK(EtsForm::parse("MAdM") == EtsForm{'M', 'A', true, 'M'});
  for (const char* bad : {"", "A", "XNN", "ANdN", "AMN", "AAdX", "AAAA"})
    CHECK_THROWS_AS(EtsForm::parse(bad), std::invalid_argument);
  CHECK(ArimaOrders::parse("2,1,0,0,1,1").seasonal_q == 1);
  CHECK(ArimaOrders::parse("0,1,1").q == 1);
  for (const char* bad : {"", "1", "1,1", "1,1,1,", "1,1,1,1", "9,0,0", "a,b,c", "0,3,0,0,1,0", "1,,1"})
    CHECK_THROWS_AS(ArimaOrders::parse(bad), std::invalid_argument);
}

TEST_CASE("an autoregression of one lag has the known likelihood") {
  // x = (1, 2), φ = 0.5: the first has variance 1 / (1 − φ²), and S = 0.75 + 2.25 = 3 with r = 4/3, 1.
  const std::vector<double> values{1, 2};
  const Parameters parameters{1, 0, 0, 0, 0, 0, 1, 0, 0.5};
  const double variance = 1.5;
  const double want = -0.5 * (2 * (std::log(2 * 3.141592653589793 * variance) + 1) + std::log(4.0 / 3));
  CHECK(std::fabs(Arima::log_likelihood({values, plain}, parameters) - want) < 1e-12);
  std::vector<double> ahead(2);
  CHECK(Arima().forecast({values, plain}, parameters, ahead));
  CHECK(std::fabs(ahead[0] - 1) < 1e-12);
  CHECK(std::fabs(ahead[1] - 0.5) < 1e-12);
}

TEST_CASE("simple smoothing by hand") {
  const std::vector<double> values{10, 12, 11};
  Parameters parameters{'A', 'N', 0, 'N', 0.5, 0, 0, 1, 10, 0};
  std::vector<double> ahead(1);
  CHECK(Ets().forecast({values, plain}, parameters, ahead));
  CHECK(ahead[0] == 11);  // 10, 10, 11, 11
  const double squares = 4;
  CHECK(std::fabs(Ets::log_likelihood({values, plain}, parameters) +
                  1.5 * (std::log(2 * 3.141592653589793 * squares / 3) + 1)) < 1e-12);
}

TEST_CASE("models by name of a walk, a constant, and a short series") {
  const std::vector<double> values = walk(80);
  std::vector<double> ahead(5);
  const Ets ets;
  const Arima arima;
  const Theta theta;
  const Additive additive;
  for (const Model* model : {static_cast<const Model*>(&ets), static_cast<const Model*>(&arima),
                             static_cast<const Model*>(&theta), static_cast<const Model*>(&additive)}) {
    CHECK(model->forecast({values, plain}, model->fit({values, plain}), ahead));
    CHECK(std::fabs(ahead[0] - values.back()) < 3);
    const std::vector<double> constant(20, 21.5);
    CHECK(model->forecast({constant, plain}, model->fit({constant, plain}), ahead));
    CHECK(std::fabs(ahead[4] - 21.5) < 1e-3);
    const std::vector<double> few(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(model->least(plain)));
    model->forecast({few, plain}, model->fit({few, plain}), ahead);
  }
}
