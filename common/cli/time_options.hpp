// Where a record's time stands and how it is to be read; alike in every tool that needs it.
#pragma once
#include <string>

#include "cli/app.hpp"
#include "time/timestamp.hpp"

namespace weir::cli {

struct TimeOptions {
  std::string field = "timestamp";
  std::string zone = "UTC";
  EpochUnit unit = EpochUnit::s;

  void define(App& app);
  /// The parser that the options ask for. Throws UsageError when there is no such zone.
  TimeParser parser() const;
};

/// The zone of that name; throws UsageError, naming the option, when there is none.
Zone zone_or_usage_error(const std::string& name, std::string_view option = "--tz");

}  // namespace weir::cli
