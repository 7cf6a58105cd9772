#include "pipeline/options.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "cli/errors.hpp"

namespace weir {

void StateOptions::define(cli::App& app) {
  app.group("Metrics");
  app.option("--metrics", metrics,
             "Write figures for Prometheus every few seconds: into FILE.prom, or a file of this stage in DIR")
      .file("FILE.prom|DIR")
      .env("WEIR_METRICS")
      .may_change();
  app.group("State");
  app.option("--state", folder, "State folder of the whole pipeline: see weir-checkpoints(7)")
      .file("DIR")
      .env("WEIR_STATE")
      .may_change();
  app.option("--id", id, "Name of this stage in the state folder; needed when a tool stands twice in a pipeline")
      .metavar("NAME")
      .default_text("the tool's name")
      .may_change();
  app.option("--pipe", pipe, "Name of the pipeline, by which a sink identifies it")
      .metavar("NAME")
      .env("WEIR_PIPE")
      .default_text("the last part of DIR")
      .may_change();
}

void RejectOptions::define(cli::App& app) {
  app.group("Input");
  app.size("--max-line", max_line, "Reject lines longer than this").at_least(2).may_change();
  app.option("--rejects", rejects, "Append rejected lines to this file, with reason and line number")
      .file()
      .may_change();
  app.flag("--strict", strict, "Stop with exit 1 at the first rejected line").may_change();
}

void require_files(const std::vector<std::string>& files) {
  for (const std::string& path : files) {
    if (path == "-") continue;
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
      errno = EISDIR;
    else if (::access(path.c_str(), R_OK) == 0)
      continue;
    throw cli::UsageError(path + ": " + std::generic_category().message(errno));
  }
}

void InputOptions::define(cli::App& app) {
  app.group("Input");
  app.positional("FILE", files, "NDJSON files to read; `-`, or no FILE, is standard input").may_change();
  define_without_files(app);
}

void InputOptions::define_without_files(cli::App& app) {
  define_checks(app);
  state.define(app);
}

void InputOptions::define_checks(cli::App& app) {
  RejectOptions::define(app);
  app.flag("--strict-json", strict_json, "Validate every token, even in fields that the tool does not read")
      .may_change();
}

void InputOptions::define_threads(cli::App& app) {
  app.group("Input");
  app.option("--threads", threads, "Read and parse with this many threads; what is written is the same")
      .at_least(1)
      .at_most(64)
      .may_change();
}

void OutputOptions::define(cli::App& app) {
  app.group("Output");
  app.flag("-u,--unbuffered", unbuffered, "Write after every record, not only when the input pauses or a block is full")
      .may_change();
}

void SourceOptions::define_with_rejects(cli::App& app) {
  rejects.define(app);
  define(app);
}

void SourceOptions::define(cli::App& app) {
  output.define(app);
  app.option("--heartbeat", heartbeat,
             "While idle, write a watermark with the current time this often, so that windows downstream close")
      .may_change();
  state.define(app);
  app.option("--checkpoint-every", checkpoint_every,
             "With --state: end an epoch this often while records come; less often where snapshots take long, sooner "
             "after rows of windows and alerts")
      .may_change();
  app.option("--checkpoint-records", checkpoint_records, "With --state: end an epoch also after this many lines")
      .at_least(1)
      .may_change();
}

}  // namespace weir
