// A whole run between two pipes.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "fixtures.hpp"
#include "pipeline/descriptors.hpp"
#include "pipeline/options.hpp"
#include "record/control.hpp"
#include "state/stage_folder.hpp"

namespace weir::test {

inline const std::string run_name = "0123456789abcdef0123456789abcdef";

/// Output without the times that barriers carry.
inline std::string without_times(std::string lines) {
  const std::string took = ",\"took\":";
  for (std::size_t at = 0; (at = lines.find(took, at)) != std::string::npos;)
    lines.erase(at, lines.find_first_not_of("0123456789", at + took.size()) - at);
  return lines;
}

/// The status of a run and its output.
struct Outcome {
  std::string out;  ///< without the times in barriers
  int exit = -1;
  std::string error;  ///< of the exception that ended it
};

/// Gives `lines` to a run and returns all that it writes. The lines must fit into a pipe, 64 KiB.
inline Outcome run_over_pipes(const std::string& lines, const std::function<cli::Exit(Descriptors)>& run) {
  Ends in;
  Ends out;
  REQUIRE(lines.size() <= 64 * 1024);
  REQUIRE(::write(in.write.get(), lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
  in.write.reset(-1);
  Outcome outcome;
  std::thread reader([&outcome, fd = out.read.get()] {
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(fd, bytes, sizeof bytes)) > 0;) outcome.out.append(bytes, static_cast<size_t>(n));
  });
  const int output = out.write.release();
  try {
    outcome.exit = static_cast<int>(run({in.read.get(), output}));
  } catch (const std::exception& problem) {
    outcome.error = problem.what();
  }
  if (::fcntl(output, F_GETFD) >= 0) ::close(output);  // a failed run leaves it open
  reader.join();
  outcome.out = without_times(outcome.out);
  return outcome;
}

inline std::string begin_line(const std::string& run = run_name) {
  std::string line;
  append_begin(line, "p", run);
  return line;
}
inline std::string restore_line(std::uint64_t epoch, const std::string& run = run_name) {
  std::string line;
  append_restore(line, run, epoch);
  return line;
}
inline std::string barrier_line(std::uint64_t epoch, Barrier kind = Barrier::middle) {
  std::string line;
  append_barrier(line, epoch, kind, {});
  return line;
}
inline std::string end_line() {
  std::string line;
  append_end(line);
  return line;
}
inline std::string watermark_line(int second) {
  std::string line;
  append_watermark(line, Time(std::chrono::seconds(second)));
  return line;
}

}  // namespace weir::test
