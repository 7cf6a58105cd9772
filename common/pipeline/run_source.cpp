#include <array>
#include <chrono>

#include "cli/signals.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/run.hpp"
#include "pipeline/writer.hpp"
#include "record/control.hpp"

namespace weir {
namespace {

/// `rejects` may be nullptr.
cli::Exit run(Source& source, const SourceOptions& options, Rejects* rejects, cli::Context& context) {
  using clock = std::chrono::steady_clock;
  StandardOutput stdout_;
  Output out;
  const auto beat = options.heartbeat.value_or(Duration::zero());
  auto next_beat = clock::now() + beat;
  while (!cli::stop_requested()) {
    Source::Step step = Source::Step::end;
    try {
      step = source.next(out);
    } catch (...) {
      stdout_.write(out.lines);  // what was right before it still goes out
      if (rejects != nullptr) rejects->flush();
      throw;
    }
    if (step == Source::Step::end) break;
    if (step == Source::Step::more) {
      if (options.output.unbuffered || out.lines.size() >= stdout_.block()) stdout_.write(out.lines);
      next_beat = clock::now() + beat;
      continue;
    }
    stdout_.write(out.lines);
    if (rejects != nullptr) rejects->flush();
    WaitLimit limit = no_limit;
    if (options.heartbeat) {
      if (clock::now() >= next_beat) {
        if (const auto time = source.promise(std::chrono::floor<Duration>(std::chrono::system_clock::now()))) {
          append_watermark(out.lines, *time);
          stdout_.write(out.lines);
        }
        next_beat = clock::now() + beat;
      }
      limit = std::chrono::ceil<WaitLimit>(next_beat - clock::now());
    }
    std::array<pollfd, 2> also{{{StandardOutput::descriptor(), 0, 0}, {cli::stop_descriptor(), POLLIN, 0}}};
    source.wait(also, limit);
    if ((also[0].revents & (POLLERR | POLLNVAL)) != 0) throw cli::OutputClosed();
  }
  source.close(out);
  stdout_.write(out.lines);
  stdout_.close();
  if (const std::string words = source.summary(); !words.empty()) context.words.info(words);
  const cli::Exit exit = rejects == nullptr ? cli::Exit::done : rejects->finish();
  return source.failed() ? cli::Exit::failed : exit;
}

}  // namespace

cli::Exit run_source(Source& source, const SourceOptions& options, cli::Context& context) {
  return run(source, options, nullptr, context);
}

cli::Exit run_source(Source& source, const SourceOptions& options, const RejectOptions& rejects,
                     cli::Context& context) {
  Rejects log(rejects, context);
  source.start(log);
  return run(source, options, &log, context);
}

}  // namespace weir
