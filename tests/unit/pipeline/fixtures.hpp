// Fixtures of the pipeline room's tests.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "cli/app.hpp"
#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"

namespace weir::test {

/// A temporary folder of the test.
struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "weir-pipeline.XXXXXX").string();

  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string of(const std::string& name) const { return path + '/' + name; }
  /// The file's content; `none` when it is missing.
  std::string text(const std::string& name) const { return state::read_file(of(name)).value_or("none"); }
};

/// The context of a run.
struct RunContext {
  cli::Log log{"test"};
  cli::Environment environment;
  cli::Context context{log, environment};
};

/// Two ends of a pipe.
struct Ends {
  state::Descriptor read{-1};
  state::Descriptor write{-1};

  Ends() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
};

}  // namespace weir::test
