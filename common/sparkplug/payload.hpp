// Payloads of Sparkplug B, read from their protobuf; the door to protozero.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "time/time_types.hpp"

namespace weir::sparkplug {

/// A metric as it came; its texts are views into the payload.
struct Metric {
  enum class Kind : std::uint8_t { none, integer, real32, real64, boolean, text, bytes, other };
  std::string_view name{};
  std::optional<std::uint64_t> alias{};
  std::optional<std::uint64_t> timestamp{};  ///< milliseconds since 1970
  std::uint32_t datatype = 0;                ///< 0: as the birth told
  bool historical = false;
  bool null = false;
  std::string_view unit{};  ///< of the property engUnit
  Kind kind = Kind::none;
  std::uint64_t integer = 0;  ///< signed ones in two's complement; a boolean as 0 or 1
  double real = 0;
  std::string_view text{};  ///< of text and bytes
};

struct Payload {
  std::optional<std::uint64_t> timestamp{};  ///< milliseconds since 1970
  std::optional<std::uint64_t> sequence{};
  std::vector<Metric> metrics{};
};

/// Metrics of one payload at most.
inline constexpr std::size_t most_metrics = 100'000;

/// Reads a payload into `to`, which must not outlive it. Returns the reason why it cannot be read, or nothing.
std::string read_payload(std::string_view bytes, Payload& to);

/// Appends a metric's value as a member of an open JSON object, such as `,"value":21.5`. `datatype` is the metric's own
/// or that of its birth; NaN is written as it is. Returns the reason why there is none, or nothing.
std::string append_value(std::string& json, const Metric& metric, std::uint32_t datatype);

/// The payload of a command that asks a node for its birth.
std::string rebirth_command(Time now);

}  // namespace weir::sparkplug
