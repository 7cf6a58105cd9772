// The main of a source.
#pragma once
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "cli/app.hpp"
#include "pipeline/options.hpp"
#include "pipeline/run.hpp"

namespace weir {

/// Runs the source that `make` makes. `define_options` binds the tool's options to its settings and calls
/// SourceOptions::define() or define_with_rejects(). A std::invalid_argument from `make` is wrong usage.
template <typename Settings>
int source_main(int argc, char** argv, std::string name, std::string brief,
                void (*define_options)(cli::App&, Settings&, SourceOptions&),
                std::unique_ptr<AnySource> (*make)(const Settings&, const SourceOptions&, cli::Context&)) {
  Settings settings;
  SourceOptions options;
  const auto run = [&](cli::Context& context) {
    std::unique_ptr<AnySource> source;
    try {
      source = make(settings, options, context);
    } catch (const std::invalid_argument& error) {
      throw cli::UsageError(error.what());
    }
    return run_source(*source, options, context);
  };
  return cli::run_tool(
      argc, argv, std::move(name), std::move(brief), [&](cli::App& app) { define_options(app, settings, options); },
      [] {}, run);
}

}  // namespace weir
