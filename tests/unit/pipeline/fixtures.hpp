// Fixtures of the pipeline room's tests.
#pragma once
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "cli/app.hpp"
#include "folder.hpp"
#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"

namespace weir::test {

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
