// The options of hypertables.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "cli/errors.hpp"
#include "hypertable.hpp"

namespace weir::pg_load {

inline void define_hypertable(cli::App& app, HypertableSettings& settings) {
  app.group("TimescaleDB");
  app.flag("--hypertable", settings.on, "With --create: make each table a hypertable by the field of --time")
      .may_change();
  const auto policy = [&](const char* name, std::optional<Duration>& target, const char* otherwise, const char* help) {
    app.option(name, target, help).default_text(otherwise).may_change();
  };
  policy("--chunk-interval", settings.chunk_interval, "TimescaleDB's, 7d", "Time that a chunk of a hypertable holds");
  policy("--compress-after", settings.compress_after, "none is added",
         "Add a policy that compresses chunks of this age");
  app.fields("--compress-by", settings.compress_by, "Columns by whose values rows are compressed together")
      .default_text("the keys of --upsert without the time")
      .may_change();
  policy("--drop-after", settings.drop_after, "none is added",
         "Add a policy that drops chunks of this age, with their rows");
}

/// Looks at the options together. Throws cli::UsageError.
inline void check_hypertable(const HypertableSettings& settings, bool create, const std::vector<std::string>& keys,
                             const std::string& time_column) {
  if (!settings.on) {
    if (settings.chunk_interval || settings.compress_after || settings.drop_after || !settings.compress_by.empty())
      throw cli::UsageError("--chunk-interval, --compress-after, --compress-by and --drop-after need --hypertable");
    return;
  }
  if (!create) throw cli::UsageError("--hypertable needs --create: a table that is there stays as it is");
  if (const auto problem = hypertable_key_problem(keys, time_column)) throw cli::UsageError(*problem);
  if (!settings.compress_by.empty() && !settings.compress_after)
    throw cli::UsageError("--compress-by needs --compress-after");
}

}  // namespace weir::pg_load
