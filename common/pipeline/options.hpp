// The options that come with each shape.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "record/parser.hpp"

namespace weir {

/// Where a stage keeps its state, with which it takes part in checkpoints (weir-checkpoints(7)).
struct StateOptions {
  std::string folder;     ///< of the whole pipeline; empty: no state is kept
  std::string id;         ///< of this stage; empty: the tool's name
  std::string pipe;       ///< of the pipeline; empty: the last part of the folder's name
  std::string metrics{};  ///< where figures are written (MetricsFile); empty: nowhere

  bool on() const { return !folder.empty(); }
  void define(cli::App& app);
};

/// What happens to records that cannot be used: every stage that can be given one, sources included.
struct RejectOptions {
  std::uint64_t max_line = 1 << 20;
  std::string rejects;
  bool strict = false;
  Duration report_every = std::chrono::minutes(1);  ///< how often counts are reported; no option, tests shorten it

  void define(cli::App& app);
};

/// Throws cli::UsageError where a file that is to be read is not there or cannot be read; `-` is standard input.
void require_files(const std::vector<std::string>& files);

/// Where records come from and what happens to bad ones: filters and sinks.
struct InputOptions : RejectOptions {
  std::vector<std::string> files;
  bool strict_json = false;
  StateOptions state;
  std::uint64_t threads = 1;  ///< that read and parse

  void define(cli::App& app);
  /// For a filter that other threads can read records for (Filter::make_reader).
  void define_threads(cli::App& app);
  /// For a tool whose FILE is something else; it fills `files` itself.
  void define_without_files(cli::App& app);
  /// For a source: what happens to bad records only.
  void define_checks(cli::App& app);
  Checking checking() const { return strict_json ? Checking::every_token : Checking::structure; }
};

/// How records leave: sources and filters.
struct OutputOptions {
  bool unbuffered = false;
  void define(cli::App& app);
};

/// The options of every source.
struct SourceOptions {
  OutputOptions output;
  std::optional<Duration> heartbeat;
  StateOptions state;
  Duration checkpoint_every = std::chrono::seconds(1);
  std::optional<std::uint64_t> checkpoint_records;
  RejectOptions rejects;

  void define(cli::App& app);
  /// For a source that rejects: with --max-line, --rejects and --strict.
  void define_with_rejects(cli::App& app);
};

}  // namespace weir
