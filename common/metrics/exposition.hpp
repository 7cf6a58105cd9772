// A metrics page as Prometheus reads it; the door to prometheus-cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::metrics {

/// Names and values of labels, in the order in which they are written.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// A histogram of durations: counts in buckets, by upper bound in seconds. Not thread-safe.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}
  void observe(double seconds) {
    std::size_t at = 0;
    while (at < bounds_.size() && seconds > bounds_[at]) ++at;
    ++counts_[at];
    sum_ += seconds;
  }
  const std::vector<double>& bounds() const { return bounds_; }
  /// Counts of the buckets, not cumulative; the last one is of values above every bound.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  double sum() const { return sum_; }

 private:
  std::vector<double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

/// Collects figures and writes them as text (version 0.0.4). All values of one name must be given in a row.
class Exposition {
 public:
  Exposition();
  ~Exposition();
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  void counter(const std::string& name, const std::string& help, const Labels& labels, double value);
  void gauge(const std::string& name, const std::string& help, const Labels& labels, double value);
  void histogram(const std::string& name, const std::string& help, const Labels& labels, const Histogram& values);
  /// Figures of this process under their usual names: CPU and start time, memory, descriptors.
  void process();

  std::string text() const;
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";
  static constexpr std::string_view open_content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The text of pages as OpenMetrics 1.0: families of counters without `_total`, and a mark at the end.
std::string open_text(std::string_view text);

/// Whether an Accept header asks for OpenMetrics.
bool wants_open_metrics(std::string_view accept);

}  // namespace weir::metrics
