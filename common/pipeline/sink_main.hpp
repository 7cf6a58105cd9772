// The main() of a sink: options bind into the stage's settings, and the run follows.
#pragma once
#include <stdexcept>
#include <string>
#include <utility>

#include "pipeline/run.hpp"

namespace weir {

/// The options of a sink, for a tool to derive from where it has more than its stage's settings.
template <typename Stage>
struct SinkOptions {
  typename Stage::Settings stage;
  InputOptions input;
};

/// Runs `Stage` as a tool. Stage is a Sink, TransactionSink or OutboxSink with a type Settings, and is constructed from
/// it; its constructor does no I/O and throws std::invalid_argument, naming the option, for a usage error. One is made
/// for that check alone.
///
/// `check` looks at options together, may set some by others, and throws cli::UsageError. `complete` fills in what only
/// the run knows, such as secrets, before the stage is made. Both may be nullptr.
template <typename Stage, typename Options>
int sink_main(int argc, char** argv, std::string name, std::string brief, void (*define_options)(cli::App&, Options&),
              void (*check)(Options&) = nullptr, void (*complete)(Options&, cli::Context&) = nullptr) {
  Options options;
  const auto validate = [&] {
    if (check != nullptr) check(options);
    try {
      const Stage trial(options.stage);
    } catch (const std::invalid_argument& problem) {
      throw cli::UsageError(problem.what());
    }
  };
  const auto run = [&](cli::Context& context) {
    if (complete != nullptr) complete(options, context);
    Stage stage(std::move(options.stage));
    return run_sink(stage, options.input, context);
  };
  return cli::run_tool(
      argc, argv, std::move(name), std::move(brief), [&](cli::App& app) { define_options(app, options); }, validate,
      run);
}

/// As above, of a sink whose options are its settings; those of every sink are added.
template <typename Stage>
int sink_main(int argc, char** argv, std::string name, std::string brief,
              void (*define_options)(cli::App&, typename Stage::Settings&)) {
  static void (*const define)(cli::App&, typename Stage::Settings&) = define_options;
  return sink_main<Stage, SinkOptions<Stage>>(argc, argv, std::move(name), std::move(brief),
                                              [](cli::App& app, SinkOptions<Stage>& options) {
                                                define(app, options.stage);
                                                options.input.define(app);
                                              });
}

}  // namespace weir
