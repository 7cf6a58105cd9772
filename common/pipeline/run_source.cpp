#include <array>
#include <chrono>

#include "cli/signals.hpp"
#include "pipeline/run.hpp"
#include "pipeline/writer.hpp"
#include "record/control.hpp"

namespace weir {

cli::Exit run_source(Source& source, const SourceOptions& options, cli::Context& context) {
  using clock = std::chrono::steady_clock;
  StandardOutput stdout_;
  Output out;
  const auto beat = options.heartbeat.value_or(Duration::zero());
  auto next_beat = clock::now() + beat;
  while (!cli::stop_requested()) {
    const Source::Step step = source.next(out);
    if (step == Source::Step::end) break;
    if (step == Source::Step::more) {
      if (options.output.unbuffered || out.lines.size() >= stdout_.block()) stdout_.write(out.lines);
      next_beat = clock::now() + beat;
      continue;
    }
    stdout_.write(out.lines);
    WaitLimit limit = no_limit;
    if (options.heartbeat) {
      if (clock::now() >= next_beat) {
        append_watermark(out.lines, std::chrono::floor<Duration>(std::chrono::system_clock::now()));
        stdout_.write(out.lines);
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
  return source.failed() ? cli::Exit::failed : cli::Exit::done;
}

}  // namespace weir
