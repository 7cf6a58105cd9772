// The main of a filter.
#pragma once
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "cli/app.hpp"
#include "pipeline/async_filter.hpp"
#include "pipeline/options.hpp"
#include "pipeline/run.hpp"

namespace weir {

/// Runs the Filter or AsyncFilter `Stage`, which is made from its `Settings`. `define_options` binds the tool's own
/// options to them; those of every filter are added, and a `strict` of the settings is that of --strict. `prepare`
/// reads the files that options name. A std::invalid_argument from the stage's constructor is wrong usage. What a
/// stage's hint() returns is reported first. Where its passes_lines() is true, lines leave as they came, and every
/// token is checked: the next reader may be strict.
template <typename Stage, typename Settings>
int filter_main(int argc, char** argv, std::string name, std::string brief,
                void (*define_options)(cli::App&, Settings&), void (*prepare)(Settings&) = nullptr) {
  Settings settings;
  InputOptions input;
  OutputOptions output;
  const auto define = [&](cli::App& app) {
    define_options(app, settings);
    input.define(app);
    output.define(app);
  };
  const auto validate = [&] {
    if constexpr (requires { settings.strict; }) settings.strict = input.strict;
    if (prepare != nullptr) prepare(settings);
    try {
      const Stage trial(settings);
    } catch (const std::invalid_argument& error) {
      throw cli::UsageError(error.what());
    }
  };
  return cli::run_tool(argc, argv, std::move(name), std::move(brief), define, validate, [&](cli::Context& context) {
    Stage stage(settings);
    if constexpr (requires { stage.hint(); })
      if (const std::string hint = stage.hint(); !hint.empty()) context.log.info(hint);
    if constexpr (requires { stage.passes_lines(); })
      if (stage.passes_lines()) input.strict_json = true;
    if constexpr (std::is_base_of_v<AsyncFilter, Stage>)
      return run_async_filter(stage, input, output, context);
    else
      return run_filter(stage, input, output, context, stage.side_files());
  });
}

}  // namespace weir
