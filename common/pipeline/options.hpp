// The options that come with each skeleton.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "record/parser.hpp"

namespace weir {

/// What happens to records that cannot be used: every stage that can be given one, sources included.
struct RejectOptions {
  std::uint64_t max_line = 1 << 20;
  std::string rejects;
  bool strict = false;

  void define(cli::App& app);
};

/// Where records come from and what happens to bad ones: filters and sinks.
struct InputOptions : RejectOptions {
  std::vector<std::string> files;
  bool strict_json = false;

  void define(cli::App& app);
  /// For a tool whose FILE is something else; it fills `files` itself.
  void define_without_files(cli::App& app);
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
