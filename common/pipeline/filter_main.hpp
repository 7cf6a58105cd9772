// The main of a filter.
#pragma once
#include <optional>
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
/// reads the files that options name; `complete` adds what the context knows, such as secrets; where `instead` returns
/// an exit status, it has done something else, such as training, and there is no run. A std::invalid_argument from the
/// stage's constructor is wrong usage. What a stage's hint() returns is reported first. Where its passes_lines() is
/// true, lines leave as they came, and every token is checked: the next reader may be strict.
template <typename Stage, typename Settings>
int filter_main(int argc, char** argv, std::string name, std::string brief,
                void (*define_options)(cli::App&, Settings&), void (*prepare)(Settings&) = nullptr,
                void (*complete)(std::type_identity_t<Settings>&, cli::Context&) = nullptr,
                std::optional<cli::Exit> (*instead)(const std::type_identity_t<Settings>&, cli::Context&) = nullptr) {
  Settings settings;
  InputOptions input;
  OutputOptions output;
  const auto define = [&](cli::App& app) {
    define_options(app, settings);
    input.define(app);
    if constexpr (requires { Stage::reads_in_threads; }) input.define_threads(app);
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
    if (complete != nullptr) complete(settings, context);
    if (instead != nullptr)
      if (const std::optional<cli::Exit> done = instead(settings, context)) return *done;
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
