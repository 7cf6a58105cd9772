// The options that come with each skeleton.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "record/parser.hpp"

namespace weir {

/// Where records come from and what happens to bad ones: filters and sinks.
struct InputOptions {
  std::vector<std::string> files;
  std::uint64_t max_line = 1 << 20;
  std::string rejects;
  bool strict = false;
  bool strict_json = false;

  void define(cli::App& app);
  Checking checking() const { return strict_json ? Checking::every_token : Checking::structure; }
};

/// How records leave: sources and filters.
struct OutputOptions {
  bool unbuffered = false;
  void define(cli::App& app);
};

/// What every source has besides.
struct SourceOptions {
  OutputOptions output;
  std::optional<Duration> heartbeat;
  void define(cli::App& app);
};

}  // namespace weir
