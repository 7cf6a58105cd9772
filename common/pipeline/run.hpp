// The runs of the shapes: everything about a stage of a pipe that is not its own idea.
#pragma once
#include <string>
#include <vector>

#include "cli/app.hpp"
#include "pipeline/async_filter.hpp"
#include "pipeline/descriptors.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/options.hpp"
#include "pipeline/outbox_sink.hpp"
#include "pipeline/sink.hpp"
#include "pipeline/source.hpp"
#include "pipeline/transaction_sink.hpp"

namespace weir {

/// Reads records from the input files, gives them to the filter and writes what it appends: when a block is full and
/// when input would block. Control lines are passed on. `sides` are the paths of the side files, opened for appending;
/// one with an empty path is dropped. Ends at the end of input, when the reader of standard output is gone, or on
/// SIGINT or SIGTERM: input on its way is then still read for a second at most, so that Ctrl-C on a whole pipe loses
/// nothing.
cli::Exit run_filter(Filter& filter, const InputOptions& input, const OutputOptions& output, cli::Context& context,
                     const std::vector<std::string>& sides = {}, Descriptors descriptors = {});

/// As run_filter(), for a filter that waits for answers from outside.
cli::Exit run_async_filter(AsyncFilter& filter, const InputOptions& input, const OutputOptions& output,
                           cli::Context& context, Descriptors descriptors = {});

/// Writes what the source appends until it ends, the reader is gone, or a signal comes. Rejects mean exit 1 unless
/// they are kept, as those of a filter.
cli::Exit run_source(AnySource& source, const SourceOptions& options, cli::Context& context);

/// Reads records and gives them to the sink; on SIGINT or SIGTERM as run_filter, then gives the sink 10 seconds to
/// finish.
cli::Exit run_sink(Sink& sink, const InputOptions& input, cli::Context& context);
cli::Exit run_sink(TransactionSink& sink, const InputOptions& input, cli::Context& context);
cli::Exit run_sink(OutboxSink& sink, const InputOptions& input, cli::Context& context);

}  // namespace weir
