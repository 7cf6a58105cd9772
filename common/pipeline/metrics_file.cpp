#include "pipeline/metrics_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cli/errors.hpp"
#include "state/atomic_file.hpp"
#include "state/stage_folder.hpp"

namespace weir {
namespace {

constexpr auto every = std::chrono::seconds(5);
/// The file is meant for other programs.
constexpr mode_t readable = 0644;

/// A label's value, as the text format wants it.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

double seconds(std::chrono::nanoseconds length) { return std::chrono::duration<double>(length).count(); }

/// The end of a path's name that makes it a file; any other path is a folder.
constexpr std::string_view file_end = ".prom";

/// The name of the pipeline: given, or the last part of the state folder.
std::string pipe_of(const StateOptions& options) {
  if (!options.pipe.empty() || options.folder.empty()) return options.pipe;
  std::filesystem::path folder = std::filesystem::path(options.folder).lexically_normal();
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

}  // namespace

MetricsFile::MetricsFile(const StateOptions& options, cli::Log& log)
    : path_(options.metrics),
      stage_(options.id.empty() ? log.tool() : options.id),
      log_(log),
      next_(clock::now()),
      began_(std::chrono::system_clock::now()) {
  if (path_.empty()) return;
  const std::string pipe = pipe_of(options);
  labels_ = fmt::format("tool=\"{}\",stage=\"{}\"", log.tool(), escaped(stage_));
  if (!pipe.empty()) labels_ += fmt::format(",pipe=\"{}\"", escaped(pipe));
  if (path_.ends_with(file_end)) {
    take_lock();
    return;
  }
  if (!options.id.empty() && !state::is_stage_id(options.id))
    throw cli::UsageError(
        fmt::format("--id '{}' is not a name of 1 to 64 characters from a to z, 0 to 9, - and _", options.id));
  if (pipe.find('/') != std::string::npos)
    throw cli::UsageError(
        fmt::format("--pipe '{}' has a /, and is part of a file's name in --metrics {}", pipe, path_));
  std::error_code error;
  std::filesystem::create_directories(path_, error);  // write() reports what is wrong
  path_ = (std::filesystem::path(path_) / ((pipe.empty() ? "" : pipe + ".") + stage_ + std::string(file_end))).string();
  take_lock();
}

/// Whether the file is this stage's. Where no lock can be had at all, write() reports what is wrong.
bool MetricsFile::take_lock() {
  if (lock_) return true;
  try {
    lock_ = state::LockFile::take(path_ + ".lock");
    return lock_.has_value();
  } catch (const std::system_error&) {
    return true;
  }
}

WaitLimit MetricsFile::limit(WaitLimit wait) const {
  if (!on()) return wait;
  constexpr WaitLimit least{100};  // a wait within a block is not followed by a write
  const auto left = std::max(std::chrono::ceil<WaitLimit>(next_ - clock::now()), least);
  return wait < WaitLimit::zero() ? left : std::min(wait, left);
}

void MetricsFile::write(const RunFigures& figures) {
  if (may_write()) write_text(text(figures, std::chrono::system_clock::now()));
}

void MetricsFile::write_own(const std::vector<StageCounter>& figures) {
  if (!may_write()) return;
  std::string out;
  append_own(out, figures);
  write_text(out);
}

/// Whether the file is this stage's. Another one's is reported once.
bool MetricsFile::may_write() {
  if (!on()) return false;
  next_ = clock::now() + every;
  if (take_lock()) return true;
  if (!failed_)
    log_.warn(
        fmt::format("--metrics: another stage writes {}, so this one's figures are not written: give a folder, "
                    "and each stage its own name with --id",
                    path_));
  failed_ = true;
  return false;
}

void MetricsFile::write_text(const std::string& text) {
  try {
    state::write_file(path_, text, readable, state::Durable::no);
  } catch (const std::system_error& error) {
    if (!failed_) log_.warn(fmt::format("--metrics: {}", error.what()));
    failed_ = true;
  }
}

void MetricsFile::append_own(std::string& out, const std::vector<StageCounter>& figures) const {
  const std::string source = fmt::format("source=\"{}\"", escaped(stage_));
  std::string_view head;
  for (const StageCounter& each : figures) {
    if (each.name != head) append_head(out, each.name, each.help, each.type);
    head = each.name;
    // The names that dashboards for such pipelines have bear labels of their own.
    out += fmt::format("{}{{{}", each.name, each.name.starts_with("iot_") ? source : labels_);
    for (const auto& [name, value] : each.labels) out += fmt::format(",{}=\"{}\"", name, escaped(value));
    out += fmt::format("}} {}\n", each.count);
  }
}

std::string MetricsFile::text(const RunFigures& figures, std::chrono::system_clock::time_point now) const {
  std::string out;
  const auto one = [&](const char* name, const char* help, const char* type, const auto& value) {
    append_head(out, name, help, type);
    out += fmt::format("{}{{{}}} {}\n", name, labels_, value);
  };
  one("weir_records_total", "Records that came, or that a source wrote; rejected ones included", "counter",
      figures.records);
  one("weir_rejects_total", "Records rejected", "counter", figures.rejected);
  one("weir_late_total", "Records that came too late", "counter", figures.late);
  if (figures.watermark) {
    const auto behind = now.time_since_epoch() - figures.watermark->time_since_epoch();
    one("weir_watermark_seconds", "The last watermark, in seconds since 1970", "gauge",
        seconds(figures.watermark->time_since_epoch()));
    one("weir_watermark_lag_seconds", "How far the last watermark is behind the clock", "gauge",
        seconds(std::chrono::duration_cast<std::chrono::nanoseconds>(behind)));
  }
  if (figures.epoch) {
    one("weir_epoch", "The last epoch that this stage has saved", "gauge", *figures.epoch);
    append(out, "weir_snapshot_seconds", "How long the stage stood still for its snapshot", labels_, snapshots_);
    append(out, "weir_commit_seconds", "Time from a barrier to its commit, of a sink", labels_, commits_);
  }
  one("weir_run_start_seconds", "When the run began, in seconds since 1970", "gauge",
      std::chrono::duration_cast<std::chrono::seconds>(began_.time_since_epoch()).count());
  // The names that dashboards for such pipelines have.
  const std::string source = fmt::format("source=\"{}\"", escaped(stage_));
  append_head(out, "iot_messages_received_total", "Records that came", "counter");
  out += fmt::format("iot_messages_received_total{{{}}} {}\n", source, figures.records);
  append_head(out, "iot_messages_processed_total", "Records by what became of them", "counter");
  for (const auto& [status, count] :
       {std::pair("success", figures.records - std::min(figures.records, figures.rejected)),
        std::pair("failed", figures.rejected)})
    out += fmt::format("iot_messages_processed_total{{{},status=\"{}\"}} {}\n", source, status, count);
  if (figures.epoch)
    append(out, "iot_processing_latency_seconds", "Time from a barrier to its commit",
           fmt::format("stage=\"{}\"", escaped(stage_)), commits_);
  append_own(out, figures.own);
  return out;
}

void MetricsFile::Durations::observe(std::chrono::nanoseconds took) {
  const double length = seconds(took);
  for (std::size_t i = 0; i < bounds.size(); ++i)
    if (length <= bounds[i]) ++counts[i];
  ++counts.back();
  sum += length;
}

void MetricsFile::append(std::string& out, const char* name, const char* help, const std::string& labels,
                         const Durations& durations) {
  append_head(out, name, help, "histogram");
  for (std::size_t i = 0; i < Durations::bounds.size(); ++i)
    out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, Durations::bounds[i], durations.counts[i]);
  out += fmt::format("{}_bucket{{{},le=\"+Inf\"}} {}\n", name, labels, durations.counts.back());
  out +=
      fmt::format("{0}_sum{{{1}}} {2}\n{0}_count{{{1}}} {3}\n", name, labels, durations.sum, durations.counts.back());
}

}  // namespace weir
