#include "butterworth.hpp"

#include <cmath>

#include "catch.hpp"

using weir::edge_filter::Butterworth;

TEST_CASE("filtfilt gives scipy's values") {
  // scipy.signal.filtfilt(*butter(3, 0.1), x)
  const std::vector<double> x{0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 1, 5, 2, 1, 0};
  const std::vector<double> expected{.20432777280165407, .8246932763336599,  1.4093873730506585, 1.9254232808277962,
                                     2.344622324464207,  2.6464421501306488, 2.819678907698797,  2.8626623677179874,
                                     2.7819247298708705, 2.5898323580354514, 2.302017688296257,  1.9354858040274634,
                                     1.5079550474934074, 1.0382483598183594, .5467628644722835,  .05503179151786208};
  Butterworth filter(3, 0.1);
  std::vector<double> result;
  filter.filtfilt(x, result);
  REQUIRE(result.size() == expected.size());
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(result[i] - expected[i]) < 1e-12);
  CHECK(filter.filtfilt_last(x) == result.back());

  std::vector<double> waves;
  for (int i = 0; i < 40; ++i) waves.push_back(std::sin(.3 * i) + .1 * ((7 * i) % 5));
  filter.filtfilt(waves, result);
  CHECK(std::abs(result[0] - .0465387191970526) < 1e-12);
  CHECK(std::abs(result[19] - -.1349609950279961) < 1e-12);
  CHECK(std::abs(result[39] - -.548150592039894) < 1e-12);
}

TEST_CASE("a series that is shorter than the padding has no value") {
  Butterworth filter(3, 0.1);
  CHECK(filter.padding() == 12);
  CHECK(std::isnan(filter.filtfilt_last(std::vector<double>(12, 1.0))));
  CHECK(std::abs(filter.filtfilt_last(std::vector<double>(13, 1.0)) - 1) < 1e-12);
}

TEST_CASE("a causal filter starts at its first value, whatever its order") {
  for (const int order : std::vector<int>{1, 2, 3, 6, 11, 20}) {
    const Butterworth filter(order, 0.05);
    std::vector<double> memory(filter.memory());
    filter.settle(memory, 21.5);
    for (int i = 0; i < 50; ++i) CHECK(std::abs(filter.step(memory, 21.5) - 21.5) < 1e-9);
    for (int i = 0; i < 2000; ++i) filter.step(memory, 3);
    CHECK(std::abs(filter.step(memory, 3) - 3) < 1e-9);
  }
}
