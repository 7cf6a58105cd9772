#include "pipeline/options.hpp"

namespace weir {

void RejectOptions::define(cli::App& app) {
  app.group("Input");
  app.size("--max-line", max_line, "Longest line taken; a longer one is rejected").at_least(2);
  app.option("--rejects", rejects, "Append records that cannot be used to this file, with reason and line number")
      .metavar("FILE")
      .file();
  app.flag("--strict", strict, "Stop with exit 1 at the first record that cannot be used");
}

void InputOptions::define(cli::App& app) {
  app.group("Input");
  app.positional("FILE", files, "NDJSON files to read, `-` is standard input; standard input when none is given");
  define_without_files(app);
}

void InputOptions::define_without_files(cli::App& app) {
  RejectOptions::define(app);
  app.flag("--strict-json", strict_json, "Validate every token, also those that only pass through");
}

void OutputOptions::define(cli::App& app) {
  app.group("Output");
  app.flag("-u,--unbuffered", unbuffered, "Write after every record, not only when input pauses or a block is full");
}

void SourceOptions::define(cli::App& app) {
  output.define(app);
  app.option("--heartbeat", heartbeat,
             "While idle, write a watermark with the time of day this often, so that windows downstream close");
}

}  // namespace weir
