// The shape of a sink that keeps no state: what it has shown or sent is not made up for after a restart.
#pragma once
#include "pipeline/sink_stage.hpp"

namespace weir {

/// on_record() and finish() are to be written. Such a sink cannot end a pipeline with --state: that is a
/// usage error, since nothing would tell the source which epoch to go on from.
class Sink : public SinkStage {};

}  // namespace weir
