#include "metrics/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir::metrics {

struct Exposition::Impl {
  std::vector<prometheus::MetricFamily> families;

  prometheus::ClientMetric& add(const std::string& name, const std::string& help, prometheus::MetricType type,
                                const Labels& labels) {
    if (families.empty() || families.back().name != name) families.push_back({name, help, type, {}});
    prometheus::ClientMetric& made = families.back().metric.emplace_back();
    for (const auto& [label, value] : labels) made.label.push_back({label, value});
    return made;
  }
};

Exposition::Exposition() : impl_(std::make_unique<Impl>()) {}
Exposition::~Exposition() = default;

void Exposition::counter(const std::string& name, const std::string& help, const Labels& labels, double value) {
  impl_->add(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void Exposition::gauge(const std::string& name, const std::string& help, const Labels& labels, double value) {
  impl_->add(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void Exposition::histogram(const std::string& name, const std::string& help, const Labels& labels,
                           const Histogram& values) {
  auto& made = impl_->add(name, help, prometheus::MetricType::Histogram, labels).histogram;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < values.bounds().size(); ++i) {
    below += values.counts()[i];
    made.bucket.push_back({below, values.bounds()[i]});
  }
  made.sample_count = below + values.counts().back();
  made.sample_sum = values.sum();
}

void Exposition::process() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  counter("process_cpu_seconds_total", "User and system CPU time spent in seconds", {},
          seconds(usage.ru_utime) + seconds(usage.ru_stime));
  std::ifstream memory("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  if (memory >> pages >> resident) {
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    gauge("process_virtual_memory_bytes", "Virtual memory size in bytes", {}, pages * page);
    gauge("process_resident_memory_bytes", "Resident memory size in bytes", {}, resident * page);
  }
  std::error_code error;
  double open = 0;
  for (std::filesystem::directory_iterator each("/proc/self/fd", error), end; !error && each != end;
       each.increment(error))
    ++open;
  gauge("process_open_fds", "Open file descriptors", {}, open);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    gauge("process_max_fds", "Most file descriptors that may be open", {}, static_cast<double>(limit.rlim_cur));
}

std::string Exposition::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->families);
  return out.str();
}

std::string open_text(std::string_view all) {
  std::string out;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size() - 1) + 1;
    const std::string_view line = all.substr(begin, end - begin);
    begin = end;
    constexpr std::string_view total = "_total";
    const std::size_t name_end = line.starts_with("# ") ? line.find_first_of(" \n", 7) : 0;
    if (name_end != 0 && name_end != std::string_view::npos && line.substr(0, name_end).ends_with(total))
      out.append(line.substr(0, name_end - total.size())).append(line.substr(name_end));
    else
      out += line;
  }
  return out + "# EOF\n";
}

bool wants_open_metrics(std::string_view accept) {
  return accept.find("application/openmetrics-text") != std::string_view::npos;
}

}  // namespace weir::metrics
