#include "pipeline/run.hpp"
#include "pipeline/sink_run.hpp"

namespace weir {

cli::Exit run_sink(Sink& sink, const InputOptions& input, cli::Context& context) {
  return SinkRun(sink, nullptr, input, context).run();
}

cli::Exit run_sink(TransactionSink& sink, const InputOptions& input, cli::Context& context) {
  TransactionEpochs shape(sink);
  return guarded([&] { return SinkRun(sink, &shape, input, context).run(); });
}

cli::Exit run_sink(OutboxSink& sink, const InputOptions& input, cli::Context& context) {
  OutboxEpochs shape(sink);
  return guarded([&] { return SinkRun(sink, &shape, input, context).run(); });
}

}  // namespace weir
