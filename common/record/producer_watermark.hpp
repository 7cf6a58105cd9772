// Watermarks that pipelines write to a topic, between their records.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "time/time_types.hpp"

namespace weir {

/// What a producer promises to the readers of a partition: it writes no record there that is older.
struct ProducerWatermark {
  std::string from{};       ///< the name of the producer's pipeline
  Time time = Time::min();  ///< Time::min(): it has promised nothing yet
  bool ended = false;       ///< its input has ended: it holds nothing back
};

/// Whether a message may be a producer's watermark; no record begins so.
bool may_be_watermark(std::string_view payload);

/// Appends `{"@ctl":"watermark","time":"…","from":"minutes.3"}`, without the end of the line.
void append_producer_watermark(std::string& out, const ProducerWatermark& watermark);

/// Reads one; nothing where it is not well formed.
std::optional<ProducerWatermark> parse_producer_watermark(std::string_view payload);

}  // namespace weir
