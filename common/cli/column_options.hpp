// Options of tools that put records into the columns of a table.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "cli/app.hpp"

namespace weir::cli {

/// --type, types of columns as the help has them.
inline Option& define_column_types(App& app, std::vector<std::string>& types, std::string help) {
  return app.option("--type", types, std::move(help)).metavar("FIELD=TYPE");
}

/// --round, for columns that hold fewer digits than numbers and times may have.
inline Option& define_round(App& app, bool& round) {
  return app.flag("--round", round,
                  "Round a number or time that its column does not hold exactly; else its record is rejected");
}

/// --max-columns, of a table that gets a column for each new field.
template <typename Count>
Option& define_max_columns(App& app, Count& most,
                           std::string help = "Most columns that the fields of records may add up to") {
  return app.option("--max-columns", most, std::move(help)).at_least(1).may_change();
}

}  // namespace weir::cli
