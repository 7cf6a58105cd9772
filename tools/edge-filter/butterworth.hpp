// Butterworth low-pass filters as second-order sections: causal, or forwards and backwards.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace weir::edge_filter {

/// A low-pass filter of one order and cut-off. Each section has a gain of 1 for a constant.
class Butterworth {
 public:
  /// `cutoff` is a share of half the sampling rate, between 0 and 1, both excluded, as in scipy.signal.butter.
  Butterworth(int order, double cutoff);

  /// The numbers that a causal filter keeps between two values.
  std::size_t memory() const { return sections_.size() * 2; }
  /// Sets the memory as if `value` had come for ever: the filter starts at the first value.
  void settle(std::span<double> memory, double value) const;
  /// The filtered value of the next one (transposed direct form II).
  double step(std::span<double> memory, double value) const;

  /// How many values are put before and after a series: 3 (order + 1). A series must have more.
  std::size_t padding() const { return padding_; }
  /// The last value of scipy.signal.sosfiltfilt over a series. NaN for a series of padding() values or fewer.
  double filtfilt_last(std::span<const double> series);
  /// All of them, into `result`.
  void filtfilt(std::span<const double> series, std::vector<double>& result);

 private:
  /// y = b0 (x + c1 x' + c2 x'') - a1 y' - a2 y''
  struct Section {
    double b0, b1, b2, a1, a2;
  };
  void run_forwards(std::span<const double> series);

  std::vector<Section> sections_;
  std::size_t padding_;
  std::vector<double> memory_;    ///< of filtfilt
  std::vector<double> extended_;  ///< the padded series, filtered forwards
};

}  // namespace weir::edge_filter
