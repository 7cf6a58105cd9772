// The options of filters that keep series; for main.cpp alone, as the stages know no options.
#pragma once
#include <string>

#include "cli/app.hpp"
#include "pipeline/series_filter.hpp"

namespace weir {

/// `--by` and `--field`; `use` completes "Fields to …".
inline void define_series(cli::App& app, SeriesSettings& settings, const std::string& use) {
  app.fields("--by", settings.by, "Fields that make the key of a series");
  app.fields("--field", settings.fields, "Fields to " + use).required();
}

/// `--pass` and `--max-keys`.
inline void define_series_limits(cli::App& app, SeriesSettings& settings) {
  app.flag("--pass", settings.readings, Readings::pass, "Also write the readings, as they came");
  app.limit("--max-keys", settings.max_keys, "Most keys held; records of further keys are rejected");
}

}  // namespace weir
