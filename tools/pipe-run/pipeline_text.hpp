// The text of a pipeline: `csv-tail -f a.csv | win-agg --every 1h | pg-load --table hours`.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::pipe_run {

/// One program of a pipeline.
struct StageText {
  std::string text;                    ///< as written
  std::vector<std::string> arguments;  ///< the program and its arguments, expanded
};

/// A pipeline file's content, or a command's text.
struct PipelineText {
  std::vector<std::pair<std::string, std::string>> variables;  ///< `NAME=value` lines before the pipeline
  std::string pipeline;                                        ///< on one line
};

/// Reads a file: `#` begins a line of comment, `NAME=value` lines come first, then the pipeline over as many lines as
/// it likes. Throws std::invalid_argument.
PipelineText read_pipeline_file(std::string_view text);

/// Cuts a pipeline at its bars and each stage into arguments, as a shell does: quotes, backslashes, variables, `~`,
/// patterns of file names. No commands in commands, no redirections, no `;` and no `&`. Throws std::invalid_argument
/// with what is wrong and where.
std::vector<StageText> parse_pipeline(std::string_view text);

}  // namespace weir::pipe_run
